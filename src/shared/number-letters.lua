-- Gives dead letters that have none a number, in the order in which they are named.
-- KEYS[1] order zset: letter id by number, KEYS[2] counter of numbers
-- ARGV letter ids
-- Returns how many got one

local numbered = 0
for _, id in ipairs(ARGV) do
  if not redis.call('ZSCORE', KEYS[1], id) then
    redis.call('ZADD', KEYS[1], redis.call('INCR', KEYS[2]), id)
    numbered = numbered + 1
  end
end
return numbered
