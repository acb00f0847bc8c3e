-- Says when an invocation is to be looked at again; one without accepted instances is done.
-- KEYS[1] read-backs due zset, KEYS[2] accepted set of the invocation
-- ARGV[1] target, [2] delay (ms)
-- include: letters.lua

if redis.call('SCARD', KEYS[2]) == 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], now_ms() + tonumber(ARGV[2]), ARGV[1])
end
