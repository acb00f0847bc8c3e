-- Included by the other scripts: the one gate through which an instance changes its state.
-- Letters: w waiting, s sent (a call carries it, the answer is not in; counts as waiting), a accepted, c cancelled,
-- t terminated, S F T K D R already finished (SUCCESS, FAILED, TIMEOUT, TASK_TIMEOUT, DELIVER_FAILED, START_FAILED),
-- d dead-lettered, x withdrawn, m moved to another job of the request (counted there).

local counter_of = {
  w = 'waiting', s = 'waiting', a = 'accepted', c = 'cancelled', t = 'terminated',
  S = 'already-finished', F = 'already-finished', T = 'already-finished',
  K = 'already-finished', D = 'already-finished', R = 'already-finished',
  d = 'dead-lettered', x = 'withdrawn',
}

-- Every legal move. A late answer of a worker that was thought dead still counts when it tells of progress.
local legal_moves = {
  w = 'sactSFTKDRdx',
  s = 'wactSFTKDRdx',
  a = 'ctSFTKDRdw',
  d = 'wma',
}

local function is_legal(from, to)
  local allowed = legal_moves[from]
  return allowed ~= nil and string.find(allowed, to, 1, true) ~= nil
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function count_letter(letters, letter)
  local _, count = string.gsub(letters, letter, '')
  return count
end

-- "<request id>.<position>" to both parts.
local function split_ref(ref)
  return string.match(ref, '^(.*)%.(%d+)$')
end

-- Urgent before normal before low, then in the order of acceptance, then of position: 2 + 34 + 17 bits.
local function order_of(rank, sequence, position)
  return string.format('%.0f', rank * 2 ^ 51 + sequence * 2 ^ 17 + position)
end

-- How many letters still need a call, or the news of one.
local function count_waiting(letters)
  local _, count = string.gsub(letters, '[ws]', '')
  return count
end

-- Keeps the installation's totals true when what waits of a request changes, so that nobody has to walk all requests.
-- Call it after the request's own counter has changed; `waiting` is that counter now.
-- Totals hash: jobs:<rank>, instances:<rank>. Waiting zset: requests with waiting instances by time of acceptance.
local function note_waiting(ledger, request_key, waiting, jobs, instances)
  local facts = redis.call('HMGET', request_key, 'rank', 'acceptedAt')
  redis.call('HINCRBY', ledger .. ':totals', 'instances:' .. facts[1], instances)
  if jobs ~= 0 then redis.call('HINCRBY', ledger .. ':totals', 'jobs:' .. facts[1], jobs) end
  local request_id = string.sub(request_key, #ledger + #':request:' + 1)
  if waiting == 0 then
    redis.call('ZREM', ledger .. ':waiting', request_id)
  elseif waiting == instances then
    redis.call('ZADD', ledger .. ':waiting', facts[2], request_id)
  end
end

-- Moves the instances of one job along a mask: one letter for each ('.' keeps), or a single one for all. Illegal moves
-- are passed over.
-- `only`, if given, names the letters that may be left. Adjusts the counters in the same step.
-- Returns the letters afterwards and a list of the positions (from 1) that moved, or nil when there is no such job.
local function move_letters(ledger, request_key, position, mask, only)
  local field = 'l:' .. position
  local letters = redis.call('HGET', request_key, field)
  if not letters then return nil end
  if #mask == 1 then mask = string.rep(mask, #letters) end
  local after, moved, delta = {}, {}, {}
  for i = 1, #letters do
    local from, to = string.sub(letters, i, i), string.sub(mask, i, i)
    if to ~= '.' and to ~= '' and is_legal(from, to) and (not only or string.find(only, from, 1, true)) then
      after[i] = to
      moved[#moved + 1] = i
      local source, goal = counter_of[from], counter_of[to]
      delta[source] = (delta[source] or 0) - 1
      if goal then delta[goal] = (delta[goal] or 0) + 1 end
    else
      after[i] = from
    end
  end
  if #moved == 0 then return letters, moved end
  local text = table.concat(after)
  redis.call('HSET', request_key, field, text)
  for counter, change in pairs(delta) do
    if change ~= 0 then
      local now = redis.call('HINCRBY', request_key, counter, change)
      if counter == 'waiting' then
        local before, left = count_waiting(letters), count_waiting(text)
        note_waiting(ledger, request_key, now, (left > 0 and 1 or 0) - (before > 0 and 1 or 0), change)
      end
    end
  end
  return text, moved
end

-- Notes that a request has no unsettled instance left. Returns true the first time.
local function settle_if_done(ledger, request_id, request_key, now)
  local facts = redis.call('HMGET', request_key, 'waiting', 'accepted', 'confirm', 'settledAt')
  if facts[4] or tonumber(facts[1]) > 0 then return false end
  if facts[3] == '1' and tonumber(facts[2]) > 0 then return false end
  redis.call('HSET', request_key, 'settledAt', now)
  redis.call('ZREM', ledger .. ':open', request_id)
  redis.call('ZREM', ledger .. ':unqueued', request_id)
  redis.call('ZADD', ledger .. ':settled', now, request_id)
  if redis.call('HEXISTS', request_key, 'webhook') == 1 then
    redis.call('HSET', ledger .. ':webhook-outbox', request_id, now)
  end
  return true
end

-- The end of a request is not reached after all.
local function reopen(ledger, request_id, request_key)
  redis.call('HDEL', request_key, 'settledAt', 'webhookState')
  redis.call('ZADD', ledger .. ':open', redis.call('HGET', request_key, 'acceptedAt'), request_id)
  redis.call('ZREM', ledger .. ':settled', request_id)
end

-- Whether a job of a request was taken back. One that a redrive has made since then was not.
local function is_withdrawn(request_key, position)
  local facts = redis.call('HMGET', request_key, 'withdrawnAt', 'withdrawnJobs')
  return facts[1] and (not facts[2] or tonumber(position) < tonumber(facts[2])) or false
end
