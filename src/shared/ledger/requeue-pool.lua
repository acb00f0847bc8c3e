-- The job of a pool was lost, or will not come in time: another one takes its place.
-- KEYS[1] pools hash
-- ARGV[1] ledger key prefix, [2] target, [3] generation of the job that was lost
-- Returns 1, or 0 when that job was superseded meanwhile
-- include: letters.lua
-- include: pools.lua

local generation, rank = read_mark(ARGV[1], ARGV[2])
if generation ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[2])
wake_pool(ARGV[1], ARGV[2], rank, now_ms())
return 1
