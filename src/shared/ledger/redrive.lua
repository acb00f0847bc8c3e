-- Sends what a dead letter names round again, perhaps with another target. The letter itself is noted as dealt with, so
-- that doing it twice moves nothing twice, and is taken out of its queue afterwards. What is sent round again begins with
-- no attempt spent and all of its time: in a job of its own wherever others of its job are under way, whose attempts and
-- times these are, or were taken back.
-- KEYS[1] request hash, KEYS[2] hash of letters dealt with, KEYS[3] audit stream, KEYS[4] the letter in its queue
-- ARGV[1] ledger key prefix, [2] request id, [3] position, [4] letter id, [5] ids (space between; empty: whole
--   invocation), [6] target to use instead, or empty, [7] audit note (JSON)
-- Returns { 'unknown' } | { 'handled' } | { 'redriven', number of instances, position, round }
-- include: letters.lua
-- include: pools.lua

local ledger, request_id, position, letter_id, target = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[6]
local job = redis.call('HMGET', KEYS[1], 'l:' .. position, 'i:' .. position, 't:' .. position)
if not job[1] then return { 'unknown' } end
if redis.call('EXISTS', KEYS[4]) == 0 or redis.call('HEXISTS', KEYS[2], letter_id) == 1 then return { 'handled' } end

local wanted, mask, names = {}, {}, {}
for id in string.gmatch(ARGV[5], '%S+') do wanted[id] = true end
if job[2] == '' then
  mask[1] = '!'
else
  for id in string.gmatch(job[2], '%S+') do
    local take = wanted[id] and string.sub(job[1], #mask + 1, #mask + 1) == 'd'
    mask[#mask + 1] = take and '!' or '.'
    if take then names[#names + 1] = id end
  end
end
local moves = (target ~= '' and target ~= job[3]) or string.find(job[1], '[wsa]') or is_withdrawn(KEYS[1], position)
mask = string.gsub(table.concat(mask), '!', moves and 'm' or 'w')
if target == '' then target = job[3] end

local _, moved = move_letters(ledger, KEYS[1], position, mask, 'd')
redis.call('HSET', KEYS[2], letter_id, 'redriven')
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 100000, '*', 'note', ARGV[7])
if #moved == 0 then return { 'redriven', 0, tonumber(position), 0 } end

if moves then
  position = redis.call('HINCRBY', KEYS[1], 'jobs', 1) - 1
  -- Written down by withdrawals since 0.1.1; an earlier one took back all jobs there were.
  if redis.call('HEXISTS', KEYS[1], 'withdrawnAt') == 1 then redis.call('HSETNX', KEYS[1], 'withdrawnJobs', position) end
  redis.call('HSET', KEYS[1], 't:' .. position, target, 'i:' .. position, table.concat(names, ' '),
    'l:' .. position, string.rep('w', #moved))
  note_waiting(ledger, KEYS[1], redis.call('HINCRBY', KEYS[1], 'waiting', #moved), 1, #moved)
end
for _, field in ipairs({ 'n:', 'b:', 'k:', 'c:', 'h:' }) do redis.call('HDEL', KEYS[1], field .. position) end
local round = moves and 0 or redis.call('HINCRBY', KEYS[1], 'g:' .. position, 1)
redis.call('HDEL', KEYS[1], 'settledAt', 'webhookState')
redis.call('ZADD', ledger .. ':open', redis.call('HGET', KEYS[1], 'acceptedAt'), request_id)
redis.call('ZREM', ledger .. ':settled', request_id)
join_pool(ledger, KEYS[1], request_id .. '.' .. position, position)
return { 'redriven', #moved, tonumber(position), round }
