-- Notes which job asked for which instances, so that an instance can be looked up.
-- KEYS: the look-up hash of each instance, in the order of the ids
-- ARGV[1] short ref: "<request sequence>.<position>", then the instance ids
-- Returns the number of instances newly noted. An instance keeps its latest 16 refs.

local ref, noted = ARGV[1], 0
for i, key in ipairs(KEYS) do
  local id = ARGV[i + 1]
  local refs = redis.call('HGET', key, id)
  if not refs then
    redis.call('HSET', key, id, ref)
    noted = noted + 1
  elseif not string.find(' ' .. refs .. ' ', ' ' .. ref .. ' ', 1, true) then
    local list = {}
    for known in string.gmatch(refs, '%S+') do list[#list + 1] = known end
    list[#list + 1] = ref
    while #list > 16 do table.remove(list, 1) end
    redis.call('HSET', key, id, table.concat(list, ' '))
    noted = noted + 1
  end
end
return noted
