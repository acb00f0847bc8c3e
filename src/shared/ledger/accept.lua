-- Accepts a request: all of it is written, or nothing. The parts of a large one were staged before, piece by piece, and
-- become the request by being renamed; they join their pools afterwards.
-- KEYS[1] request hash, KEYS[2] requests zset, KEYS[3] open zset, KEYS[4] unqueued zset, KEYS[5] sequence counter,
-- KEYS[6] hash with the staged parts
-- ARGV[1] ledger key prefix, [2] request id, [3] fingerprint of the content, [4] priority rank (0 first), [5] number of
--   parts, [6] number of instances, [7] number of facts n, then n field/value pairs, then for each part unless they were
--   staged: target, ids (space between), letters, look-up bucket of each id (space between)
-- Returns 'accepted', 'duplicate' or 'conflict', whether parts may still have to join their pools (1 or 0), sequence
--   number, and what `unqueued-pools` holds of each new job
-- include: letters.lua
-- include: pools.lua
-- include: instance-index.lua

local ledger, request_id, fingerprint = ARGV[1], ARGV[2], ARGV[3]
local known, known_parts = unpack(redis.call('HMGET', KEYS[1], 'fingerprint', 'jobs'))
if known and known_parts then
  redis.call('UNLINK', KEYS[6])
  local unqueued = redis.call('ZSCORE', KEYS[4], request_id)
  return { known == fingerprint and 'duplicate' or 'conflict', unqueued and 1 or 0, redis.call('HGET', KEYS[1], 'sequence') }
end

local rank, parts, total, facts = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local first_part = 8 + 2 * facts
-- A script that fails is not undone. So what could make it fail is looked at first.
local checked = {}
local function find_damage(key, kind)
  if checked[key] then return nil end
  checked[key] = true
  local found = redis.call('TYPE', key).ok
  if found ~= kind and found ~= 'none' then return 'WRONGTYPE ' .. key .. ' is damaged: it holds a ' .. found end
end

local damage
for _, key in ipairs({ KEYS[2], KEYS[3], KEYS[4], ledger .. ':waiting', ledger .. ':unqueued-pools' }) do
  damage = damage or find_damage(key, 'zset')
end
damage = damage or find_damage(ledger .. ':totals', 'hash') or find_damage(ledger .. ':pools', 'hash')
for at = first_part, #ARGV, 4 do damage = damage or find_damage(ledger .. ':pool:' .. ARGV[at], 'zset') end
if damage then return redis.error_reply(damage) end

local now = now_ms()
local sequence = redis.call('INCR', KEYS[5])
local staged = first_part > #ARGV
if staged then
  if redis.call('EXISTS', KEYS[6]) == 0 then return redis.error_reply('STAGED parts of the request are gone') end
  redis.call('RENAME', KEYS[6], KEYS[1])
  redis.call('PERSIST', KEYS[1])
  redis.call('ZADD', KEYS[4], now, request_id)
end
redis.call('HSET', KEYS[1], 'sequence', sequence, 'rank', rank, 'acceptedAt', now, 'jobs', parts, 'total', total,
  'waiting', total, 'accepted', 0, 'cancelled', 0, 'terminated', 0, 'already-finished', 0, 'dead-lettered', 0,
  'withdrawn', 0, 'calls', 0, unpack(ARGV, 8, first_part - 1))

local reply = { 'accepted', staged and 1 or 0, sequence }
local position = 0
for at = first_part, #ARGV, 4 do
  local target, ids = ARGV[at], ARGV[at + 1]
  local ref = request_id .. '.' .. position
  redis.call('HSET', KEYS[1], 't:' .. position, target, 'i:' .. position, ids, 'l:' .. position, ARGV[at + 2])
  redis.call('ZADD', ledger .. ':pool:' .. target, order_of(rank, sequence, position), ref)
  reply[#reply + 1] = wake_pool(ledger, target, rank, now)
  index_instances(ledger, string.format('%.0f.%d', sequence, position), ids, ARGV[at + 3])
  position = position + 1
end
note_waiting(ledger, KEYS[1], total, parts, total)
redis.call('ZADD', KEYS[2], sequence, request_id)
redis.call('ZADD', KEYS[3], now, request_id)
-- Last: what failed before it is accepted by the next try, and not taken for a duplicate.
redis.call('HSET', KEYS[1], 'fingerprint', fingerprint)
return reply
