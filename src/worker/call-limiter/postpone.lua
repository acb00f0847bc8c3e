-- A call left later than the limit bears: everything that is not reserved yet comes as much later.
--
-- KEYS[1]  hash: the limiter's settings (Bottleneck's)
-- ARGV[1]  how much too late it left (ms)
-- ARGV[2]  how far the schedule had been put off in all when the call's slot was reserved (ms)
-- Returns  by how much it was put off now (ms, as a string): calls that were late together count once

local most = 1000 -- ms: later than that, it is in nobody's second any more

local nextRequest = tonumber(redis.call('hget', KEYS[1], 'nextRequest'))
local before = tonumber(redis.call('hget', KEYS[1], 'postponed') or '0')
local since = math.max(before - tonumber(ARGV[2]), 0)
local missing = math.min(tonumber(ARGV[1]), most) - since
if not nextRequest or missing <= 0 then
  return '0'
end
redis.call('hset', KEYS[1], 'nextRequest', nextRequest + missing, 'postponed', before + missing)
return string.format('%.3f', missing)
