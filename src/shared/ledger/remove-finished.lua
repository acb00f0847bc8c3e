-- Removes requests that were finished long ago, by the clock of Redis, a piece at a time: large ones in many steps. Those with
-- dead letters stay until somebody has dealt with them. Safe to break off and repeat.
-- KEYS[1] settled zset, KEYS[2] requests zset
-- ARGV[1] ledger key prefix, [2] how long finished requests are kept (ms), [3] most parts and instances to look at,
--   [4] when those with dead letters are looked at again, from now (ms)
-- Returns { requests removed, 1 when more are due now, else 0 }
-- include: letters.lua
-- include: pools.lua
-- include: instance-index.lua

local ledger, keep_ms, left = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local now, removed = now_ms(), 0

local function has_dead_letters(request_id)
  local place = 'r|' .. request_id .. '|'
  return redis.call('ZLEXCOUNT', ledger .. ':dead-letter-index', '[' .. place .. '0', '(' .. place .. ':') > 0
end

local function remove_part(request_id, key, position, sequence)
  local target, ids = unpack(redis.call('HMGET', key, 't:' .. position, 'i:' .. position))
  left = left - 1
  if not target or not ids then return end
  leave_pool(ledger, target, request_id .. '.' .. position)
  local ref = sequence .. '.' .. position
  for id in string.gmatch(ids, '%S+') do
    unindex_instance(ledger .. ':instances:' .. bucket_of(id), id, ref)
    left = left - 1
  end
end

-- True when the last part is gone.
local function remove_parts(request_id, key)
  -- Of one that was changed by hand, what cannot be read is left where it is.
  local facts = redis.pcall('HMGET', key, 'jobs', 'sequence', 'removedParts')
  if facts.err then return true end
  local parts, from = tonumber(facts[1]) or 0, tonumber(facts[3]) or 0
  for position = from, parts - 1 do
    if left <= 0 then
      redis.call('HSET', key, 'removedParts', position)
      return false
    end
    remove_part(request_id, key, position, facts[2] or '')
  end
  return true
end

for _, request_id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - keep_ms, 'LIMIT', 0, left)) do
  if left <= 0 then return { removed, 1 } end
  left = left - 1
  if has_dead_letters(request_id) then
    redis.call('ZADD', KEYS[1], now - keep_ms + tonumber(ARGV[4]), request_id)
  else
    local key = ledger .. ':request:' .. request_id
    if not remove_parts(request_id, key) then return { removed, 1 } end
    redis.call('UNLINK', key)
    redis.call('ZREM', KEYS[2], request_id)
    redis.call('ZREM', KEYS[1], request_id)
    removed = removed + 1
  end
end
return { removed, 0 }
