-- Included by scripts that note which part asked for which instances, so that an instance can be looked up. An instance
-- keeps its latest 16 refs.

local most_refs = 16

local function index_instance(key, id, ref)
  local refs = redis.call('HGET', key, id)
  if not refs then
    redis.call('HSET', key, id, ref)
  elseif not string.find(' ' .. refs .. ' ', ' ' .. ref .. ' ', 1, true) then
    local list = {}
    for known in string.gmatch(refs, '%S+') do list[#list + 1] = known end
    list[#list + 1] = ref
    while #list > most_refs do table.remove(list, 1) end
    redis.call('HSET', key, id, table.concat(list, ' '))
  end
end

local function unindex_instance(key, id, ref)
  local refs = redis.call('HGET', key, id)
  if refs == ref then
    redis.call('HDEL', key, id)
  elseif refs then
    local list = {}
    for known in string.gmatch(refs, '%S+') do if known ~= ref then list[#list + 1] = known end end
    redis.call('HSET', key, id, table.concat(list, ' '))
  end
end

-- The bucket of an instance, as redis-keys.ts has it: FNV-1a, with multiplication modulo 2^32 in doubles.
local function bucket_of(id)
  local hash = 0x811c9dc5
  for i = 1, #id do
    hash = bit.bxor(hash, string.byte(id, i)) % 4294967296
    hash = ((hash % 256) * 16777216 + hash * 403) % 4294967296
  end
  return string.format('%d', hash % 65536)
end

local function index_instances(ledger, ref, ids, buckets)
  local next_bucket = string.gmatch(buckets, '%S+')
  for id in string.gmatch(ids, '%S+') do index_instance(ledger .. ':instances:' .. next_bucket(), id, ref) end
end
