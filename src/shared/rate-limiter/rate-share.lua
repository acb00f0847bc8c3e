-- Which share of the full rate is in force. Put in front of the scripts that need it.
--
-- The cloud throttles calls when another client uses the same bucket. Each time notes the share at which it happened
-- (`peak`) and drops to a lower one (`base`). From there the share follows a cubic curve over time: fast at first,
-- flat around the peak, where the limit is likely to be still, and fast again beyond it, where it is gone.
--
-- Hash at `key`: peak, base (shares of 1), refusedAt, silentUntil (ms, server clock). Absent: the full rate.

local growth = 0.00015 -- share per s^3: from next to nothing to the full rate in less than 25 s
local least_share = 0.05

local rate_share_at = function (key, now)
  local state = redis.call('hmget', key, 'peak', 'base', 'refusedAt', 'silentUntil')
  local peak, base, refusedAt = tonumber(state[1]), tonumber(state[2]), tonumber(state[3])
  -- Throttled in the future: the server's clock was set back. Better to ask the cloud again than to trust it.
  if not (peak and base and refusedAt) or refusedAt > now + 1000 then
    return { share = 1, silentUntil = 0 }
  end
  local elapsed = math.max(now - refusedAt, 0) / 1000
  local plateau = (math.max(peak - base, 0) / growth) ^ (1 / 3)
  local share = peak + growth * (elapsed - plateau) ^ 3
  return {
    share = math.min(math.max(share, least_share), 1),
    base = base,
    refusedAt = refusedAt,
    silentUntil = tonumber(state[4]) or 0,
  }
end
