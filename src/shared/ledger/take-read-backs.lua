-- Takes invocations whose accepted instances are due to be looked at. One that is not put off or done within the lease
-- is due again.
-- KEYS[1] read-backs due zset
-- ARGV[1] ledger key prefix, [2] most invocations, [3] lease (ms)
-- Returns { now, for each: target, refs of the jobs that wait for its read-back (space between) }
-- include: letters.lua

local ledger, now = ARGV[1], now_ms()
local reply = { string.format('%.0f', now) }
for _, target in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, tonumber(ARGV[2]))) do
  local refs = redis.pcall('SMEMBERS', ledger .. ':accepted:' .. target)
  if refs.err or #refs == 0 then
    redis.call('ZREM', KEYS[1], target)
  else
    redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), target)
    reply[#reply + 1] = target
    reply[#reply + 1] = table.concat(refs, ' ')
  end
end
return reply
