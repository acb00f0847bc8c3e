-- What the job of a pool has to do. Asked at its start and whenever nothing seems to be left.
-- KEYS[1] pool zset, KEYS[2] later zset, KEYS[3] pools hash
-- ARGV[1] ledger key prefix, [2] target, [3] generation of the job, [4] instances that fill a call
-- Returns { 'ready', rank, instances that a call could carry } | { 'later', milliseconds }, after which the job is to
--   come back | { 'empty' } or { 'superseded' }: the job is done
-- include: letters.lua
-- include: pools.lua

local ledger, target = ARGV[1], ARGV[2]
local generation, rank, due_at = read_mark(ledger, target)
if generation ~= ARGV[3] then return { 'superseded' } end
admit_due(ledger, target)
if redis.call('ZCARD', KEYS[1]) > 0 then
  if due_at ~= 0 then write_mark(ledger, target, generation, rank, 0) end
  return { 'ready', rank, count_ready(ledger, KEYS[1], tonumber(ARGV[4])) }
end
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
if first[2] then
  write_mark(ledger, target, generation, rank, tonumber(first[2]))
  return { 'later', math.max(1, math.ceil(tonumber(first[2]) - now_ms())) }
end
redis.call('HDEL', KEYS[3], target)
return { 'empty' }
