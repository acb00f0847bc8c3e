-- Writes parts of a large request where nobody sees them yet.
-- KEYS[1] hash with the staged parts
-- ARGV[1] how long they are kept unless the request is accepted (s), [2] position of the first, then for each part:
--   target, ids (space between), letters

local position = tonumber(ARGV[2])
for at = 3, #ARGV, 3 do
  redis.call('HSET', KEYS[1], 't:' .. position, ARGV[at], 'i:' .. position, ARGV[at + 1], 'l:' .. position, ARGV[at + 2])
  position = position + 1
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return position
