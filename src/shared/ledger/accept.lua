-- Accepts a request: all of it is written, or nothing.
-- KEYS[1] request hash, KEYS[2] requests zset, KEYS[3] open zset, KEYS[4] unqueued zset, KEYS[5] sequence counter
-- ARGV[1] ledger key prefix, [2] request id, [3] fingerprint of the content, [4] priority rank (0 first),
--   [5] number of facts n, then n field/value pairs, then for each job: target, ids (space between), letters
-- Returns 'accepted', 'duplicate' or 'conflict', whether its jobs are still to be queued (1 or 0), sequence number
-- include: letters.lua

local ledger, request_id, fingerprint = ARGV[1], ARGV[2], ARGV[3]
local known = redis.call('HGET', KEYS[1], 'fingerprint')
if known then
  local unqueued = redis.call('ZSCORE', KEYS[4], request_id)
  return { known == fingerprint and 'duplicate' or 'conflict', unqueued and 1 or 0, redis.call('HGET', KEYS[1], 'sequence') }
end

local now = now_ms()
local sequence = redis.call('INCR', KEYS[5])
local rank, facts = tonumber(ARGV[4]), tonumber(ARGV[5])
redis.call('HSET', KEYS[1], 'fingerprint', fingerprint, 'sequence', sequence, 'rank', rank, 'acceptedAt', now)
local at = 6
for _ = 1, facts do
  redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
  at = at + 2
end

local position, total = 0, 0
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
return { 'accepted', 1, sequence }
