-- Which share of the nominal rate is in force. Put in front of the scripts that need it.
--
-- The cloud refuses calls when somebody else uses the same bucket. Each refusal notes the share at which it came
-- (`peak`) and drops to a lower one (`base`). From there the share follows a cubic curve over time: fast at first,
-- flat around the peak, where the limit is likely to be still, and fast again beyond it, where it is gone.
--
-- Hash at `key`: peak, base (shares of 1), refusedAt (ms, server clock). Absent: the full rate.

local growth = 0.00015 -- share per s^3: from next to nothing to the full rate in less than 25 s
local least_share = 0.05

local pace_at = function (key, now)
  local pace = redis.call('hmget', key, 'peak', 'base', 'refusedAt')
  local peak, base, refusedAt = tonumber(pace[1]), tonumber(pace[2]), tonumber(pace[3])
  -- A refusal from the future: the server's clock was set back. Better to ask the cloud again than to trust it.
  if not (peak and base and refusedAt) or refusedAt > now + 1000 then
    return { share = 1 }
  end
  local elapsed = math.max(now - refusedAt, 0) / 1000
  local plateau = (math.max(peak - base, 0) / growth) ^ (1 / 3)
  local share = peak + growth * (elapsed - plateau) ^ 3
  return { share = math.min(math.max(share, least_share), 1), base = base, refusedAt = refusedAt }
end
