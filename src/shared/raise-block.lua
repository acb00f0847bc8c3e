-- Notes that some calls are blocked, for so long unless it is noted again.
-- KEYS[1] blocked hash: id to `expiry (ms)\nstate (JSON)`
-- ARGV[1] id, [2] how long it lasts (ms), [3] state, [4] '1': replace a state that is there

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = ARGV[3]
local known = redis.call('HGETALL', KEYS[1])
for i = 1, #known, 2 do
  local expiry, old = string.match(known[i + 1], '^(%d+)\n(.*)$')
  if not expiry or tonumber(expiry) <= now then
    redis.call('HDEL', KEYS[1], known[i])
  elseif known[i] == ARGV[1] and ARGV[4] ~= '1' then
    state = old
  end
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + tonumber(ARGV[2])) .. '\n' .. state)
