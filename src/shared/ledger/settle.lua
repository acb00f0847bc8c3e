-- Writes down what became of instances: the answer to a call, or the end of a job that no call can help.
-- KEYS[1] flights hash, KEYS[2] flight deadlines zset, KEYS[3] read-backs due zset
-- ARGV[1] ledger key prefix, [2] JSON: { callId?, landed, leaseMs, calls, sentAt?, moves: [{ ref, mask, kind, … }] }
--   kind 'accept'  confirm, firstLookMs           the cloud took it (cloudRequestId); to be read back if confirm is true
--   kind 'return'  notBeforeMs (optional delay)   not sent after all: waits again, nothing spent
--   kind 'retry'   attempt, notBeforeMs (delay)   failed in passing: an attempt is spent
--   kind 'bury'    attempt, letterId, letter      can't be carried out; letter is the dead letter without what the ledger knows
--   kind 'confirm'                                the read-back saw the end of the task
--   kind 'again'                                  accepted, but the task runs on: to be cancelled once more
--   only (optional): the letters that may be left
-- Returns { flight was still open (1 or 0), for each move: ref, moved, waiting left, sent left,
--   request settled just now (1 or 0), job is known (1 or 0) }
-- include: letters.lua
-- include: pools.lua
-- include: dead-letters.lua

local ledger = ARGV[1]
local report = cjson.decode(ARGV[2])
local now = now_ms()

local open = true
if report.callId then open = redis.call('HEXISTS', KEYS[1], report.callId) == 1 end

local function remember_attempt(key, position, attempt)
  local field = 'h:' .. position
  local history = redis.call('HGET', key, field)
  local list = history and cjson.decode(history) or {}
  list[#list + 1] = attempt
  while #list > 20 do table.remove(list, 1) end
  redis.call('HSET', key, field, cjson.encode(list))
end

-- A dead letter is born in the same step in which its instances die, so neither can be without the other.
local function write_letter(key, position, move, moved)
  local ids = redis.call('HGET', key, 'i:' .. position)
  local names, i, wanted = {}, 0, {}
  for _, at in ipairs(moved) do wanted[at] = true end
  for id in string.gmatch(ids, '%S+') do
    i = i + 1
    if wanted[i] then names[#names + 1] = id end
  end
  local facts = redis.call('HMGET', key, 'n:' .. position, 'h:' .. position, 'acceptedAt', 't:' .. position)
  add_dead_letter(ledger, move.letterId, table.concat({
    move.letter, facts[4], table.concat(names, ' '), facts[1] or '0', facts[2] or '[]', facts[3],
    string.format('%.0f', now),
  }, '\n'))
end

-- The cloud took instances that another call had given up meanwhile: they are no dead letters.
local function revive(request_id, key, position, mask)
  local letters, ids = unpack(redis.call('HMGET', key, 'l:' .. position, 'i:' .. position))
  if not letters or not string.find(letters, 'd', 1, true) then return end
  if #mask == 1 then mask = string.rep(mask, #letters) end
  local names, i, count = {}, 0, 0
  for id in string.gmatch(ids == '' and '*' or ids, '%S+') do
    i = i + 1
    if string.sub(mask, i, i) == 'a' and string.sub(letters, i, i) == 'd' then
      names[id] = true
      count = count + 1
    end
  end
  if count == 0 then return end
  -- Those without a letter were put aside: they no longer count as dead letters that somebody has dealt with.
  local discarded = count - take_from_dead_letters(ledger, key, position, names)
  if discarded > 0 then redis.call('HINCRBY', key, 'discarded', -discarded) end
  if redis.call('HGET', key, 'confirm') ~= '0' then reopen(ledger, request_id, key) end
end

-- What was accepted is looked at again after a while, until its end is known.
local function note_accepted(key, position, move)
  redis.call('HSET', key, 'r:' .. position, move.cloudRequestId)
  -- The latest acceptance counts: instances that were accepted late, or once more, have their full time to stop.
  redis.call('HSET', key, 'c:' .. position, string.format('%.0f', now))
  if not move.confirm then redis.call('HSET', key, 'confirm', '0') end
  if redis.call('HGET', key, 'confirm') == '0' then return end
  local target = redis.call('HGET', key, 't:' .. position)
  redis.call('SADD', ledger .. ':accepted:' .. target, move.ref)
  redis.call('ZADD', KEYS[3], 'NX', now + move.firstLookMs, target)
end

-- How long it took from asking to the end of the task, to two significant digits.
local function note_stopped(key, letters, moved)
  local stopped = 0
  for _, i in ipairs(moved) do
    local letter = string.sub(letters, i, i)
    if letter == 'c' or letter == 't' then stopped = stopped + 1 end
  end
  if stopped == 0 then return end
  local took = math.max(1, now - tonumber(redis.call('HGET', key, 'acceptedAt')))
  local step = 10 ^ math.max(0, math.floor(math.log10(took)) - 1)
  local bucket = string.format('%.0f', math.ceil(took / step) * step)
  local stops = cjson.decode(redis.call('HGET', key, 'stops') or '{}')
  stops[bucket] = (stops[bucket] or 0) + stopped
  redis.call('HSET', key, 'stops', cjson.encode(stops))
end

local function wait_again(key, position, move, letters)
  if not string.find(letters, 'w', 1, true) then return end
  if move.notBeforeMs then redis.call('HSET', key, 'b:' .. position, string.format('%.0f', now + move.notBeforeMs)) end
  join_pool(ledger, key, move.ref, position)
end

-- One mark for each instance of the job: 1 where a second cancel was due. Each gets one of its own, whenever it was
-- accepted. 0.1.0 wrote a single 1 for all of a job.
local function note_cancelled_again(key, position, letters, moved)
  local before = redis.call('HGET', key, 'k:' .. position) or ''
  if before == '1' and #letters > 1 then before = string.rep('1', #letters) end
  local marks = {}
  for i = 1, #letters do marks[i] = string.sub(before, i, i) == '1' and '1' or '.' end
  for _, i in ipairs(moved) do marks[i] = '1' end
  redis.call('HSET', key, 'k:' .. position, table.concat(marks))
end

local function apply(move)
  local request_id, position = split_ref(move.ref)
  local key = ledger .. ':request:' .. request_id
  local mask, only = move.mask, move.only
  -- The worker was thought dead and its instances went to others: of its news only success still counts.
  if not open and move.kind ~= 'accept' then return redis.call('HGET', key, 'l:' .. position) or '', {} end
  if move.kind == 'return' or move.kind == 'retry' then
    only = 's'
    if is_withdrawn(key, position) then mask = string.gsub(mask, 'w', 'x') end
  end
  -- What a call gives up is what it carries. Success that came late from an earlier call stays.
  if move.kind == 'bury' and report.callId and not only then only = 's' end
  -- Of a withdrawn request nothing is sent again: what was accepted keeps waiting for its end.
  if move.kind == 'again' and is_withdrawn(key, position) then mask = '.' end
  if move.kind == 'accept' and not only then revive(request_id, key, position, mask) end
  local letters, moved = move_letters(ledger, key, position, mask, only)
  if not letters then return '', {} end
  if #moved == 0 then return letters, moved end
  if move.kind == 'accept' then
    note_accepted(key, position, move)
  elseif move.kind == 'confirm' then
    note_stopped(key, letters, moved)
  elseif move.kind == 'again' then
    redis.call('HINCRBY', key, 'g:' .. position, 1)
    note_cancelled_again(key, position, letters, moved)
    join_pool(ledger, key, move.ref, position)
  elseif move.kind == 'return' then
    wait_again(key, position, move, letters)
  elseif move.kind == 'retry' then
    redis.call('HINCRBY', key, 'n:' .. position, 1)
    remember_attempt(key, position, move.attempt)
    wait_again(key, position, move, letters)
  elseif move.kind == 'bury' then
    if move.attempt then
      redis.call('HINCRBY', key, 'n:' .. position, 1)
      remember_attempt(key, position, move.attempt)
    end
    write_letter(key, position, move, moved)
    if not string.find(letters, 'w', 1, true) then
      leave_pool(ledger, redis.call('HGET', key, 't:' .. position), move.ref)
    end
  end
  if not string.find(letters, 'a', 1, true) then
    redis.call('SREM', ledger .. ':accepted:' .. redis.call('HGET', key, 't:' .. position), move.ref)
  end
  return letters, moved
end

local reply, counted = { open and 1 or 0 }, {}
for _, move in ipairs(report.moves) do
  local letters, moved = apply(move)
  local request_id = split_ref(move.ref)
  local key = ledger .. ':request:' .. request_id
  local settled = false
  if letters ~= '' then
    if open and report.calls > 0 and not counted[request_id] then
      counted[request_id] = true
      redis.call('HINCRBY', key, 'calls', report.calls)
      redis.call('HSETNX', key, 'firstCallAt', string.format('%.0f', report.sentAt))
      redis.call('HSET', key, 'lastCallAt', string.format('%.0f', report.sentAt))
    end
    if #moved > 0 then settled = settle_if_done(ledger, request_id, key, string.format('%.0f', now)) end
  end
  local n = #reply
  reply[n + 1], reply[n + 2] = move.ref, #moved
  reply[n + 3], reply[n + 4] = count_letter(letters, 'w'), count_letter(letters, 's')
  reply[n + 5], reply[n + 6] = settled and 1 or 0, letters ~= '' and 1 or 0
end

if report.callId then
  if report.landed then
    redis.call('HDEL', KEYS[1], report.callId)
    redis.call('ZREM', KEYS[2], report.callId)
  elseif open then
    redis.call('ZADD', KEYS[2], now + report.leaseMs, report.callId)
  end
end
return reply
