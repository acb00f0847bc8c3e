-- Notes that the job of a pool comes back later though something is ready: it found no place. A new part that is more urgent,
-- or due sooner, gets a job of its own in its stead.
-- ARGV[1] ledger key prefix, [2] target, [3] generation of the job, [4] milliseconds
-- include: letters.lua
-- include: pools.lua

local generation, rank = read_mark(ARGV[1], ARGV[2])
if generation == ARGV[3] then write_mark(ARGV[1], ARGV[2], generation, rank, now_ms() + tonumber(ARGV[4])) end
