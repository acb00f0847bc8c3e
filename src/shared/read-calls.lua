-- Reads the latest whole seconds of calls.
-- KEYS[1] calls hash
-- ARGV[1] places in the ring, [2] how many seconds
-- Returns { the running second, then for each second from the oldest on: its entry or false }

local now = tonumber(redis.call('TIME')[1])
local fields = {}
for second = now - ARGV[2], now - 1 do fields[#fields + 1] = string.format('%d', second % ARGV[1]) end
return { now, unpack(redis.call('HMGET', KEYS[1], unpack(fields))) }
