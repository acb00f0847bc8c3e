-- A job asked for a whole invocation, and now its instances are known: each gets a letter of its own.
-- KEYS[1] request hash
-- ARGV[1] position, [2] instance ids (space between), [3] their number
-- Returns 1 when the job was waiting for that, else 0

local position, count = ARGV[1], tonumber(ARGV[3])
local job = redis.call('HMGET', KEYS[1], 'i:' .. position, 'l:' .. position)
if job[1] ~= '' or job[2] ~= 'a' or count < 1 then return 0 end
redis.call('HSET', KEYS[1], 'i:' .. position, ARGV[2], 'l:' .. position, string.rep('a', count))
redis.call('HINCRBY', KEYS[1], 'accepted', count - 1)
redis.call('HINCRBY', KEYS[1], 'total', count - 1)
return 1
