-- What keeps calls back.
-- KEYS[1] held string, KEYS[2] blocked hash: id to `expiry (ms)\nstate (JSON)`
-- Returns { held state or '', then id and state of each block }

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local reply = { redis.call('GET', KEYS[1]) or '' }
local known = redis.call('HGETALL', KEYS[2])
for i = 1, #known, 2 do
  local expiry, state = string.match(known[i + 1], '^(%d+)\n(.*)$')
  if expiry and tonumber(expiry) > now then
    reply[#reply + 1] = known[i]
    reply[#reply + 1] = state
  end
end
return reply
