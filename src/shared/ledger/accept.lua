-- Accepts a request: all of it is written, or nothing. A script that fails is not undone, so whatever could fail is looked
-- at first, and what makes the request count as accepted comes last.
-- KEYS[1] request hash, KEYS[2] requests zset, KEYS[3] open zset, KEYS[4] unqueued zset, KEYS[5] sequence counter
-- ARGV[1] ledger key prefix, [2] request id, [3] fingerprint of the content, [4] priority rank (0 first),
--   [5] number of facts n, then n field/value pairs, then for each job: target, ids (space between), letters
-- Returns 'accepted', 'duplicate' or 'conflict', whether its jobs are still to be queued (1 or 0), sequence number
-- include: letters.lua

local ledger, request_id, fingerprint = ARGV[1], ARGV[2], ARGV[3]
local known, jobs = unpack(redis.call('HMGET', KEYS[1], 'fingerprint', 'jobs'))
if known and jobs then
  local unqueued = redis.call('ZSCORE', KEYS[4], request_id)
  return { known == fingerprint and 'duplicate' or 'conflict', unqueued and 1 or 0, redis.call('HGET', KEYS[1], 'sequence') }
end

local checked = {}
local function find_damage(key, kind)
  if checked[key] then return nil end
  checked[key] = true
  local found = redis.call('TYPE', key).ok
  if found ~= kind and found ~= 'none' then return 'WRONGTYPE ' .. key .. ' is damaged: it holds a ' .. found end
end

local first_job = 6 + 2 * tonumber(ARGV[5])
local damage = find_damage(KEYS[2], 'zset') or find_damage(KEYS[3], 'zset') or find_damage(KEYS[4], 'zset')
  or find_damage(ledger .. ':totals', 'hash') or find_damage(ledger .. ':waiting', 'zset')
for at = first_job, #ARGV, 3 do damage = damage or find_damage(ledger .. ':pool:' .. ARGV[at], 'zset') end
if damage then return redis.error_reply(damage) end

local now = now_ms()
local sequence = redis.call('INCR', KEYS[5])
local rank = tonumber(ARGV[4])
redis.call('HSET', KEYS[1], 'sequence', sequence, 'rank', rank, 'acceptedAt', now)
for at = 6, first_job - 1, 2 do redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1]) end

local at, position, total = first_job, 0, 0
while at <= #ARGV do
  local target, ids, letters = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  redis.call('HSET', KEYS[1], 't:' .. position, target, 'i:' .. position, ids, 'l:' .. position, letters)
  redis.call('ZADD', ledger .. ':pool:' .. target, order_of(rank, sequence, position), request_id .. '.' .. position)
  total = total + #letters
  position = position + 1
  at = at + 3
end
redis.call('HSET', KEYS[1], 'jobs', position, 'total', total, 'waiting', total, 'accepted', 0, 'cancelled', 0,
  'terminated', 0, 'already-finished', 0, 'dead-lettered', 0, 'withdrawn', 0, 'calls', 0)
note_waiting(ledger, KEYS[1], total, position, total)
redis.call('ZADD', KEYS[2], sequence, request_id)
redis.call('ZADD', KEYS[3], now, request_id)
redis.call('ZADD', KEYS[4], now, request_id)
redis.call('HSET', KEYS[1], 'fingerprint', fingerprint)
return { 'accepted', 1, sequence }
