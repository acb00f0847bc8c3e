-- Where a permit goes. Becomes part of Bottleneck's register script; comes after rate-share.lua and window-log.lua.
--
-- KEYS[9]  hash: the rate share
-- KEYS[10] zset: the window log
-- KEYS[11] hash: the live limit
-- ARGV     after Bottleneck's own: calls in a window, window (ms), tolerance (ms), horizon (ms), most permits ahead,
--          lead (ms), 1 if the call is full, id of the permit
-- Returns  wait (ms, whole), the time of the last permit, and what the caller has to know of this one

local place_permit = function (last, minTime)
  local argument = function (n) return tonumber(ARGV[num_static_argv + 3 + n]) end
  local nominal, nominal_window, tolerance, horizon = argument(1), argument(2), argument(3), argument(4)
  local most_outstanding, lead, is_full, id = argument(5), argument(6), argument(7) == 1, ARGV[num_static_argv + 11]
  local share_key, log, limit_key = KEYS[9], KEYS[10], KEYS[11]
  local exact_now = clock[1] * 1000 + clock[2] / 1000

  -- Nothing in the log is ever later than this. If something is, the clock was set back, or somebody wrote nonsense.
  local since = log_since(log)
  if not since or since > exact_now + 100 or nth_latest(log, 1) > exact_now + horizon + tolerance + 100 then
    begin_log(log, exact_now)
    since = exact_now
  end
  redis.call('zremrangebyscore', log, '(0', string.format('(%.3f', exact_now - 2 * nominal_window))

  -- A share of the rate takes fewer calls and, for what is left of it, a longer window. Neither breaks the promise.
  local live = tonumber(redis.call('hget', limit_key, 'callsPerSecond') or nominal) or nominal
  local limit = math.max(math.min(nominal, math.floor(live)), 1)
  local state = rate_share_at(share_key, now)
  local calls = math.max(math.ceil(limit * state.share), 1)
  local window = nominal_window * calls / (limit * state.share)
  local full_interval = window / calls

  -- The rule: a permit comes one window after the N-th latest call. So no window ever holds more than N.
  --
  -- What was granted before the log was begun is unknown, but not without bounds: no more than `most_outstanding` calls
  -- of it can leave after that, and none beyond the horizon and the tolerance. So up to `settled` that many of the N
  -- count as taken.
  local earliest = math.max(exact_now + lead, state.silentUntil)
  local settled = since + horizon + tolerance + window
  local free = math.max(earliest, settled, nth_latest(log, calls) + window)
  if calls > most_outstanding then
    free = math.min(free, math.max(earliest, since + window, nth_latest(log, calls - most_outstanding) + window))
  end

  -- And a preference: the fuller the window, the longer the interval. After silence calls leave nearly at once. Where
  -- they have filled a window and more wait, they are spread over the next ones, or each window would begin with a
  -- burst and end in silence; a little closer than even, so that time that was lost is made up for. Calls that more
  -- ids can join keep the full interval.
  local crowded_until = tonumber(redis.call('hget', settings_key, 'crowdedUntil') or 0)
  if nth_latest(log, calls) + window > earliest then
    crowded_until = free + window
    redis.call('hset', settings_key, 'crowdedUntil', string.format('%.3f', crowded_until))
  end
  local used = math.min(count_after(log, free - window), calls) / calls
  local interval = full_interval
  if is_full and state.share == 1 then
    interval = full_interval * (free < crowded_until and 0.5 + 0.5 * used or used ^ 2)
  end
  if not last or last > exact_now + horizon + 100 then
    last = 0 -- nonsense
  end
  local planned = math.max(free, last + interval)

  -- Whoever asks last notes the interval of its setting, and the others hear of it.
  local own_interval = nominal_window / nominal
  if minTime ~= own_interval then
    redis.call('hset', settings_key, 'minTime', own_interval)
  end

  -- Too far ahead, or too many outstanding: nothing is reserved, and the caller hears when asking again makes sense. As
  -- long as calls of before the log may be outstanding, they are as many as there may be.
  local known_from = since + horizon + tolerance
  local granted = planned <= exact_now + horizon
    and exact_now >= known_from
    and count_after(log, exact_now) < most_outstanding
  if granted then
    redis.call('zadd', log, planned + tolerance, id)
  end
  local wait_until = granted and planned or math.max(planned - horizon, known_from, exact_now + math.min(full_interval, 50))
  return math.ceil(wait_until - exact_now), granted and planned or last, {
    granted and 1 or 0,
    string.format('%.3f', wait_until),
    string.format('%.3f', exact_now),
    string.format('%.3f', full_interval),
    string.format('%.3f', minTime or own_interval),
    string.format('%.3f', last),
  }
end
