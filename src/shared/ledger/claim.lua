-- Takes what one call shall carry: waiting instances of one invocation, whoever asked for them.
-- KEYS[1] pool zset, KEYS[2] flights hash, KEYS[3] flight deadlines zset
-- ARGV[1] ledger key prefix, [2] call id, [3] lease (ms), [4] most different ids, [5] most parts to look at, [6] target,
--   [7] members of the invocation whose tasks have not ended (space between), and [8] all members, or both empty: when all of
--   [7] wait, and are too many for a list, the whole invocation is taken
-- Returns { whole (1 or 0), instances that a further call could carry, for each part taken: ref, mask ('s' marks what is
--   carried), ids, attempts }
-- The same call id again (a client that lost the reply repeats it) gives the same answer and takes nothing more.
-- include: letters.lua
-- include: pools.lua

local ledger, call_id, target = ARGV[1], ARGV[2], ARGV[6]
local most_ids, most_parts = tonumber(ARGV[4]), tonumber(ARGV[5])

local function describe(reply, ref, key, position, mask)
  local facts = redis.call('HMGET', key, 'i:' .. position, 'n:' .. position)
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = ref, mask, facts[1] or '', tonumber(facts[2] or 0)
end

-- One more than fill a call, so that the caller knows whether a list is enough for all of it.
local function ready_now()
  return redis.call('ZCARD', KEYS[1]) == 0 and 0 or count_ready(ledger, KEYS[1], most_ids + 1)
end

local taken = redis.call('HGET', KEYS[2], call_id)
if taken then
  local reply = { string.sub(taken, 1, 1) == '1' and 1 or 0, ready_now() }
  for ref, mask in string.gmatch(taken, '\n(%S+) (%S+)') do
    local request_id, position = split_ref(ref)
    describe(reply, ref, ledger .. ':request:' .. request_id, position, mask)
  end
  return reply
end

local now = now_ms()
local candidates = {}
local function consider(ref)
  local request_id, position = split_ref(ref)
  local key = ledger .. ':request:' .. (request_id or '')
  local facts = request_id
    and redis.pcall('HMGET', key, 'l:' .. position, 'i:' .. position, 'confirm', 'withdrawnAt', 'b:' .. position) or {}
  local letters, ids, due_at = facts[1], facts[2], tonumber(facts[5] or '0') or 0
  if not letters or not ids or not string.find(letters, 'w', 1, true) then
    redis.call('ZREM', KEYS[1], ref) -- nothing to send, or changed by hand
  elseif facts[4] and is_withdrawn(key, position) then
    -- A withdrawal that broke off: left waiting, it could neither be sent nor come to an end.
    move_letters(ledger, key, position, 'x', 'w')
    settle_if_done(ledger, request_id, key, string.format('%.0f', now))
    redis.call('ZREM', KEYS[1], ref)
  elseif due_at > now then
    redis.call('ZREM', KEYS[1], ref)
    redis.call('ZADD', ledger .. ':later:' .. target, due_at, ref)
  else
    candidates[#candidates + 1] = {
      ref = ref, key = key, position = position, letters = letters, ids = ids,
      confirm = facts[3] == '1', whole = ids == '',
    }
  end
end

admit_due(ledger, target)
for _, ref in ipairs(redis.call('ZRANGE', KEYS[1], 0, most_parts - 1)) do consider(ref) end
if #candidates == 0 then return { 0, ready_now() } end

local whole, members = false, nil
for _, job in ipairs(candidates) do whole = whole or job.whole end

-- What waits covers the invocation when each member that may still run is asked for here: none was left out, taken back,
-- given up, or is on its way in another call.
local function find_cover()
  local waits, count, covered = {}, 0, 0
  for _, job in ipairs(candidates) do
    local i = 1
    for id in string.gmatch(job.ids, '%S+') do
      if string.sub(job.letters, i, i) == 'w' and not waits[id] then
        waits[id] = true
        count = count + 1
      end
      i = i + 1
    end
  end
  if count <= most_ids then return nil end
  for id in string.gmatch(ARGV[7], '%S+') do
    if not waits[id] then return nil end
    covered = covered + 1
  end
  if covered <= most_ids then return nil end
  local all = {}
  for id in string.gmatch(ARGV[8], '%S+') do all[id] = true end
  return all
end
if not whole and ARGV[7] ~= '' then
  members = find_cover()
  whole = members ~= nil
end

local chosen, distinct, count = {}, {}, 0
for _, job in ipairs(candidates) do
  local mask = {}
  if job.whole then
    mask[1] = 's'
  elseif members then
    local i, any = 1, false
    for id in string.gmatch(job.ids, '%S+') do
      local take = members[id] and string.sub(job.letters, i, i) == 'w'
      mask[i] = take and 's' or '.'
      any = any or take
      i = i + 1
    end
    if not any then mask = {} end
  elseif whole then
    -- The call names no ids, so nothing but the read-back can tell a stranger among these from a member.
    if job.confirm then mask[1] = string.gsub(string.gsub(job.letters, '[^w]', '.'), 'w', 's') end
  else
    local i, any = 1, false
    for id in string.gmatch(job.ids, '%S+') do
      local take = false
      if string.sub(job.letters, i, i) == 'w' then
        if distinct[id] then
          take = true
        elseif count < most_ids then
          distinct[id] = true
          count = count + 1
          take = true
        end
      end
      mask[i] = take and 's' or '.'
      any = any or take
      i = i + 1
    end
    if not any then mask = {} end
  end
  if #mask > 0 then
    job.mask = table.concat(mask)
    chosen[#chosen + 1] = job
  end
end
if #chosen == 0 then return { 0, ready_now() } end

local reply, manifest = { whole and 1 or 0, 0 }, { whole and '1' or '0' }
for _, job in ipairs(chosen) do
  local letters = move_letters(ledger, job.key, job.position, job.mask)
  manifest[#manifest + 1] = job.ref .. ' ' .. job.mask
  describe(reply, job.ref, job.key, job.position, job.mask)
  if not string.find(letters, 'w', 1, true) then redis.call('ZREM', KEYS[1], job.ref) end
end
redis.call('HSET', KEYS[2], call_id, table.concat(manifest, '\n'))
redis.call('ZADD', KEYS[3], now + tonumber(ARGV[3]), call_id)
reply[2] = ready_now()
return reply
