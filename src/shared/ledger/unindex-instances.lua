-- Takes a job out of the look-up by instance.
-- KEYS: the look-up hash of each instance, in the order of the ids
-- ARGV[1] short ref: "<request sequence>.<position>", then the instance ids

local ref = ARGV[1]
for i, key in ipairs(KEYS) do
  local id = ARGV[i + 1]
  local refs = redis.call('HGET', key, id)
  if refs == ref then
    redis.call('HDEL', key, id)
  elseif refs then
    local list = {}
    for known in string.gmatch(refs, '%S+') do
      if known ~= ref then list[#list + 1] = known end
    end
    redis.call('HSET', key, id, table.concat(list, ' '))
  end
end
