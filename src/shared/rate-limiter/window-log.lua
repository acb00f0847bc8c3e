-- The log of the window: when the latest calls left. Put in front of the scripts that need it.
--
-- zset at `key`: id of a permit by the time (ms, server clock) at which its call left; while that is not known, by the
-- latest time at which it may leave. And `since` by minus the time since which the log is complete: it is never
-- pruned, so a log without it is a lost one.

local begin_log = function (key, now)
  redis.call('del', key)
  redis.call('zadd', key, -now, 'since')
end

local log_since = function (key)
  local since = redis.call('zscore', key, 'since')
  return since and -tonumber(since)
end

-- The time of the n-th latest entry, 0 if there are fewer.
local nth_latest = function (key, n)
  local entry = redis.call('zrevrange', key, n - 1, n - 1, 'withscores')
  return math.max(tonumber(entry[2]) or 0, 0)
end

local count_after = function (key, time)
  return redis.call('zcount', key, string.format('(%.3f', time), '+inf')
end
