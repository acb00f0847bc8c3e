-- Puts parts with waiting instances into their pools where they are in none, and sees to a job for each pool: parts of a large
-- request just accepted, of an earlier version, or of a pool that was lost. Safe to repeat.
-- KEYS[1] request hash
-- ARGV[1] ledger key prefix, [2] request id, [3] first position, [4] position behind the last one
-- Returns the number of parts that were put into a pool, or made a job for theirs
-- include: letters.lua
-- include: pools.lua

local ledger, request_id, joined = ARGV[1], ARGV[2], 0

local function join(position)
  local facts = redis.call('HMGET', KEYS[1], 'l:' .. position, 't:' .. position, 'withdrawnAt')
  local letters, target = facts[1], facts[2]
  if not letters or not target or not string.find(letters, 'w', 1, true) then return end
  if facts[3] and is_withdrawn(KEYS[1], position) then
    -- A withdrawal that broke off: left waiting, it could neither be sent nor come to an end.
    move_letters(ledger, KEYS[1], position, 'x', 'w')
    settle_if_done(ledger, request_id, KEYS[1], string.format('%.0f', now_ms()))
    return
  end
  local ref = request_id .. '.' .. position
  local in_pool = redis.call('ZSCORE', ledger .. ':pool:' .. target, ref)
  local due_at = redis.call('ZSCORE', ledger .. ':later:' .. target, ref)
  if in_pool or due_at then
    -- Version 0.1.0 knew pools, but no jobs for them.
    local rank = tonumber(redis.call('HGET', KEYS[1], 'rank'))
    if wake_pool(ledger, target, rank, in_pool and now_ms() or tonumber(due_at)) then joined = joined + 1 end
    return
  end
  join_pool(ledger, KEYS[1], ref, position)
  joined = joined + 1
end

for position = tonumber(ARGV[3]), tonumber(ARGV[4]) - 1 do
  -- A part that was changed by hand keeps none of the others waiting.
  pcall(join, string.format('%.0f', position))
end
return joined
