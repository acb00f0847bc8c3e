-- Takes a request back: from this moment no call carries anything of it. Called until `next` comes back as -1.
-- KEYS[1] request hash
-- ARGV[1] ledger key prefix, [2] request id, [3] position to go on from, [4] most jobs
-- Returns { 'unknown' } | { 'settled' } (nothing left to take back) | { 'withdrawn', next position or -1 }
-- include: letters.lua
-- include: pools.lua

local ledger, request_id, from = ARGV[1], ARGV[2], tonumber(ARGV[3])
local facts = redis.call('HMGET', KEYS[1], 'jobs', 'settledAt', 'withdrawnAt')
if not facts[1] then return { 'unknown' } end
if facts[2] and not facts[3] then return { 'settled' } end
local now = string.format('%.0f', now_ms())
redis.call('HSETNX', KEYS[1], 'withdrawnAt', now)
-- A redrive that comes in between makes jobs that are not taken back.
if from == 0 then redis.call('HSET', KEYS[1], 'withdrawnJobs', facts[1]) end
local jobs = tonumber(redis.call('HGET', KEYS[1], 'withdrawnJobs') or facts[1])
local to = math.min(jobs, from + tonumber(ARGV[4])) - 1
for position = from, to do
  move_letters(ledger, KEYS[1], position, 'x', 'w')
  leave_pool(ledger, redis.call('HGET', KEYS[1], 't:' .. position), request_id .. '.' .. position)
end
if to + 1 < jobs then return { 'withdrawn', to + 1 } end
settle_if_done(ledger, request_id, KEYS[1], now)
return { 'withdrawn', -1 }
