-- A process has connected: is what the log says still true? Comes after window-log.lua.
--
-- KEYS[1]  string: id of the server process that the log was kept by
-- KEYS[2]  zset: the window log
-- ARGV[1]  id of the server process, empty if it cannot be told
-- ARGV[2]  empty, or: the server's clock jumped, and this is the last time (ms) that it showed before

local time = redis.call('time')
local now = time[1] * 1000 + time[2] / 1000

-- Another server process may have lost the last writes: it took over from a dead one, or read an old file.
if ARGV[1] ~= '' and redis.call('get', KEYS[1]) ~= ARGV[1] then
  redis.call('set', KEYS[1], ARGV[1])
  begin_log(KEYS[2], now)
end

local jumped_after = tonumber(ARGV[2])
if jumped_after and (log_since(KEYS[2]) or 0) <= jumped_after then
  begin_log(KEYS[2], now)
end
