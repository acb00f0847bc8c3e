-- Where a slot goes. Becomes part of Bottleneck's register script, which asks for it; comes after pace.lua.
--
-- KEYS[9]  hash: the pace
-- ARGV     after Bottleneck's own: nominal spacing (ms), lead (ms), horizon (ms), grace (ms)
-- Returns  wait (ms, whole), the next request's earliest time, and what the caller wants to know of the slot

local place_slot = function (nextRequest, minTime)
  local spacing = tonumber(ARGV[num_static_argv + 4])
  local lead = tonumber(ARGV[num_static_argv + 5])
  local horizon = tonumber(ARGV[num_static_argv + 6])
  local grace = tonumber(ARGV[num_static_argv + 7])
  local gap = spacing / pace_at(KEYS[9], now).share
  local afterLoss = now + horizon + gap -- behind every slot that may have been granted and forgotten

  -- No slot is granted beyond the horizon, so the schedule never reaches much further than that. If it does, the
  -- clock was set back, or somebody wrote nonsense. The slots granted before lie within the horizon still.
  if not nextRequest or nextRequest > now + horizon + spacing / least_share + 1000 then
    nextRequest = afterLoss
  end

  -- Each process keeps its own distance, so that a change of the setting never runs two schedules side by side.
  -- Who asks last is noted, and the others hear of it.
  if minTime ~= spacing then
    redis.call('hset', settings_key, 'minTime', spacing)
  end

  -- Too many ask at once: nothing is reserved, and the caller hears when asking again makes sense.
  local granted = nextRequest <= now + horizon
  local slot = granted and math.max(nextRequest, now + lead) or nextRequest - horizon
  local idle = granted and slot - nextRequest or 0
  return math.ceil(slot - now), granted and slot + gap + grace or nextRequest, {
    granted and 1 or 0,
    string.format('%.3f', slot),
    string.format('%.3f', clock[1] * 1000 + clock[2] / 1000),
    string.format('%.3f', gap),
    string.format('%.3f', idle),
    string.format('%.3f', minTime or spacing),
    tostring(grace),
    redis.call('hget', settings_key, 'postponed') or '0',
  }
end
