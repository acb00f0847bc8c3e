-- Adds calls to the seconds in which they were sent.
-- KEYS[1] calls hash: second modulo places to "second calls instances refusals"
-- ARGV[1] places in the ring, then for each call: how long ago it was sent (ms), instances that the cloud accepted with it, 1 if refused for its rate
-- Time is that of this server, so that workers with other clocks write into the same seconds.

local places = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local oldest = math.floor(now / 1000) - places + 2

local seconds = {}
for at = 2, #ARGV, 3 do
  local second = math.floor((now - ARGV[at]) / 1000)
  local sum = seconds[second] or { 0, 0, 0 }
  seconds[second] = { sum[1] + 1, sum[2] + ARGV[at + 1], sum[3] + ARGV[at + 2] }
end
for second, sum in pairs(seconds) do
  if second >= oldest then
    local field = string.format('%d', second % places)
    local known = { string.match(redis.call('HGET', KEYS[1], field) or '', '^(%d+) (%d+) (%d+) (%d+)$') }
    if tonumber(known[1] or 0) ~= second then known = { second, 0, 0, 0 } end
    local text = string.format('%d %d %d %d', second, known[2] + sum[1], known[3] + sum[2], known[4] + sum[3])
    redis.call('HSET', KEYS[1], field, text)
  end
end
redis.call('EXPIRE', KEYS[1], places)
