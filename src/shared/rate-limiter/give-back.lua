-- A permit was not used: its place in the window is free again.
--
-- KEYS[1]  zset: the window log
-- KEYS[2]  hash: the limiter's settings (Bottleneck's)
-- ARGV[1]  id of the permit
-- ARGV[2]  when it was planned (ms)
-- ARGV[3]  when the one before it was planned (ms)

if redis.call('zrem', KEYS[1], ARGV[1]) == 0 then
  return
end
local last = tonumber(redis.call('hget', KEYS[2], 'nextRequest'))
if last and math.abs(last - tonumber(ARGV[2])) < 0.01 then
  redis.call('hset', KEYS[2], 'nextRequest', ARGV[3])
end
