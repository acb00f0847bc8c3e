-- The cloud refused a call for its rate: every process backs off. Comes after pace.lua.
--
-- KEYS[1]  hash: the limiter's settings (Bottleneck's)
-- KEYS[2]  hash: the pace
-- ARGV[1]  nominal spacing (ms)
-- Returns { 1 if it counted (0: one of a burst that was counted already), spacing now in force (ms, as a string) }

local burst = 1000 -- ms after a refusal in which further ones are taken for the same: their calls were under way
local pause = 300  -- ms of silence: the cloud's window is full and refuses whatever else comes
local drop, steep_drop = 0.85, 0.7
local steep_within = 3000 -- ms since the last one: the limit is far below, so go down in bigger steps
local forgotten_after = 60000 -- ms; the full rate is back long before

local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local spacing = tonumber(ARGV[1])

local pace = pace_at(KEYS[2], now)
if pace.refusedAt and now - pace.refusedAt < burst then
  return { 0, string.format('%.3f', spacing / pace.share) }
end

local steep = pace.refusedAt and now - pace.refusedAt < steep_within
local base = math.max(pace.share * (steep and steep_drop or drop), least_share)
redis.call('hset', KEYS[2], 'peak', pace.share, 'base', base, 'refusedAt', now)
redis.call('pexpire', KEYS[2], forgotten_after)

local nextRequest = tonumber(redis.call('hget', KEYS[1], 'nextRequest'))
if nextRequest and nextRequest < now + pause then
  redis.call('hset', KEYS[1], 'nextRequest', now + pause)
end
return { 1, string.format('%.3f', spacing / base) }
