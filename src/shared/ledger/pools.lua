-- Included by scripts that give an invocation work. Parts of requests that wait for an invocation stand in its pool, those
-- whose back-off is not over in `later`, by the time when it is. Comes after letters.lua.
--
-- pool:<target>    zset: ref of each part that may be sent, in the order in which they are to be sent
-- later:<target>   zset: ref of each part that waits out a back-off, by the end of that (ms)
-- pools            hash: target to "<generation> <rank> <due at>" while a job of the queue stands for its pool
-- unqueued-pools   zset: "<target>|<generation>|<rank>|<due at>" of each such job that may not be in the queue yet

local function read_mark(ledger, target)
  local mark = redis.call('HGET', ledger .. ':pools', target)
  local generation, rank, due_at = string.match(mark or '', '^(%d+) (%d+) (%d+)$')
  return generation, tonumber(rank), tonumber(due_at)
end

local function write_mark(ledger, target, generation, rank, due_at)
  redis.call('HSET', ledger .. ':pools', target, string.format('%s %d %.0f', generation, rank, due_at))
end

-- Sees to it that the queue has a job for the pool, of this rank or better and due by then. A job that is less than that
-- is superseded: it finds another generation in its place and ends. So no wake-up is lost, whatever state it is in.
-- Returns what `unqueued-pools` holds of the new job, or nil when none was needed.
local function wake_pool(ledger, target, rank, due_at)
  local generation, known_rank, known_due_at = read_mark(ledger, target)
  if generation then
    if known_rank <= rank and known_due_at <= due_at then return nil end
    rank, due_at = math.min(rank, known_rank), math.min(due_at, known_due_at)
  end
  generation = string.format('%.0f', redis.call('INCR', ledger .. ':pool-generation'))
  write_mark(ledger, target, generation, rank, due_at)
  local member = string.format('%s|%s|%d|%.0f', target, generation, rank, due_at)
  redis.call('ZADD', ledger .. ':unqueued-pools', now_ms(), member)
  return member
end

-- Puts a part among those that wait for its invocation, or that wait out a back-off first. Returns as wake_pool does.
local function join_pool(ledger, request_key, ref, position)
  local facts = redis.call('HMGET', request_key, 'rank', 'sequence', 't:' .. position, 'b:' .. position)
  local rank, target, now = tonumber(facts[1]), facts[3], now_ms()
  local due_at = tonumber(facts[4] or '0') or 0
  if due_at > now then
    redis.call('ZREM', ledger .. ':pool:' .. target, ref)
    redis.call('ZADD', ledger .. ':later:' .. target, due_at, ref)
  else
    due_at = now
    redis.call('ZREM', ledger .. ':later:' .. target, ref)
    redis.call('ZADD', ledger .. ':pool:' .. target, order_of(rank, tonumber(facts[2]), tonumber(position)), ref)
  end
  return wake_pool(ledger, target, rank, due_at)
end

local function leave_pool(ledger, target, ref)
  redis.call('ZREM', ledger .. ':pool:' .. target, ref)
  redis.call('ZREM', ledger .. ':later:' .. target, ref)
end

local most_due = 400

-- Brings parts into the pool whose back-off is over.
local function admit_due(ledger, target)
  local key, now = ledger .. ':later:' .. target, now_ms()
  for _, ref in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, most_due)) do
    redis.call('ZREM', key, ref)
    local request_id, position = split_ref(ref)
    -- One whose request was changed by hand stays out; the others must not wait for it.
    if request_id then
      local request_key = ledger .. ':request:' .. request_id
      local facts = redis.pcall('HMGET', request_key, 'rank', 'sequence', 't:' .. position)
      if facts[3] == target and tonumber(facts[1]) and tonumber(facts[2]) then
        redis.call('ZADD', ledger .. ':pool:' .. target,
          order_of(tonumber(facts[1]), tonumber(facts[2]), tonumber(position)), ref)
      end
    end
  end
end

-- How many instances of the pool a call could carry now, `enough` at most. A part that asks for the whole invocation is
-- enough for a call.
local function count_ready(ledger, pool_key, enough)
  if redis.call('ZCARD', pool_key) >= enough then return enough end
  local ready = 0
  for _, ref in ipairs(redis.call('ZRANGE', pool_key, 0, enough - 1)) do
    local request_id, position = split_ref(ref)
    local facts = request_id
      and redis.pcall('HMGET', ledger .. ':request:' .. request_id, 'l:' .. position, 'i:' .. position) or {}
    if facts[2] == '' then return enough end
    ready = ready + count_letter(facts[1] or '', 'w')
    if ready >= enough then return enough end
  end
  -- Not even one: what stands there is out of date, and the next claim clears it away.
  return math.max(ready, 1)
end
