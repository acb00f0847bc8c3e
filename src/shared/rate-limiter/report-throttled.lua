-- The cloud throttled a call: every process slows down. Comes after rate-share.lua.
--
-- KEYS[1]  hash: the rate share
-- ARGV[1]  interval at the full rate (ms)
-- Returns { 1 if it counted (0: one of a burst that was counted already), interval now in force (ms, as a string) }

local burst = 1000 -- ms in which further throttled calls are taken for the same: they were in flight
local pause = 300  -- ms of silence: the cloud's window is full and every further call would be throttled
local drop, steep_drop = 0.85, 0.7
local steep_within = 3000 -- ms since the last one: the limit is far below, so go down in bigger steps
local forgotten_after = 60000 -- ms; the full rate is back long before

local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local interval = tonumber(ARGV[1])

local state = rate_share_at(KEYS[1], now)
if state.refusedAt and now - state.refusedAt < burst then
  return { 0, string.format('%.3f', interval / state.share) }
end

local steep = state.refusedAt and now - state.refusedAt < steep_within
local base = math.max(state.share * (steep and steep_drop or drop), least_share)
redis.call('hset', KEYS[1], 'peak', state.share, 'base', base, 'refusedAt', now, 'silentUntil', now + pause)
redis.call('pexpire', KEYS[1], forgotten_after)
return { 1, string.format('%.3f', interval / base) }
