-- Takes what one call shall carry: waiting instances of one invocation, from whichever jobs wait for it.
-- KEYS[1] pool zset, KEYS[2] flights hash, KEYS[3] flight deadlines zset
-- ARGV[1] ledger key prefix, [2] call id, [3] lease (ms), [4] most different ids, [5] most jobs,
--   [6] refs of the caller's own jobs, taken first (space between),
--   [7] '1': take nothing unless the first of these still waits. It is why the caller chose this invocation; when another
--   call has dealt with it, what came in since would make a thin call
-- Returns { whole (1 or 0), refs of own jobs with nothing left to send (space between),
--   for each job taken: ref, mask ('s' marks what is carried), ids, attempts, waiting left }
-- The same call id again (a client that lost the reply repeats it) gives the same answer and takes nothing more.
-- include: letters.lua

local ledger, call_id = ARGV[1], ARGV[2]
local most_ids, most_jobs = tonumber(ARGV[4]), tonumber(ARGV[5])

local function describe(reply, ref, key, position, mask)
  local facts = redis.call('HMGET', key, 'l:' .. position, 'i:' .. position, 'n:' .. position)
  local n, left = #reply, count_letter(facts[1] or '', 'w')
  reply[n + 1], reply[n + 2], reply[n + 3] = ref, mask, facts[2] or ''
  reply[n + 4], reply[n + 5] = tonumber(facts[3] or 0), left
  return left
end

local taken = redis.call('HGET', KEYS[2], call_id)
if taken then
  local reply = { string.sub(taken, 1, 1) == '1' and 1 or 0, '' }
  for ref, mask in string.gmatch(taken, '\n(%S+) (%S+)') do
    local request_id, position = split_ref(ref)
    describe(reply, ref, ledger .. ':request:' .. request_id, position, mask)
  end
  return reply
end

local now = now_ms()
local candidates, seen, idle = {}, {}, {}
local function consider(ref, is_own)
  if seen[ref] or #candidates >= most_jobs then return end
  seen[ref] = true
  local request_id, position = split_ref(ref)
  if not request_id then return end
  local key = ledger .. ':request:' .. request_id
  local facts = redis.pcall('HMGET', key, 'l:' .. position, 'i:' .. position, 'confirm', 'withdrawnAt', 'b:' .. position)
  if facts.err or (facts[1] and not facts[2]) then
    -- Changed by hand. The caller has to hear of its own; others only leave the pool.
    if is_own then error('the entry of ' .. ref .. ' is damaged') end
    redis.call('ZREM', KEYS[1], ref)
    return
  end
  local letters = facts[1]
  local is_early = facts[5] and (tonumber(facts[5]) or 0) > now -- it has just failed, and comes back by itself
  if not letters or (facts[4] and is_withdrawn(key, position)) or is_early or not string.find(letters, 'w', 1, true) then
    redis.call('ZREM', KEYS[1], ref)
    if is_own then idle[#idle + 1] = ref end
    return
  end
  candidates[#candidates + 1] = {
    ref = ref, key = key, position = position, letters = letters, ids = facts[2],
    confirm = facts[3] == '1', whole = facts[2] == '',
  }
end

for ref in string.gmatch(ARGV[6], '%S+') do consider(ref, true) end
if ARGV[7] == '1' and idle[1] and idle[1] == string.match(ARGV[6], '%S+') then return { 0, table.concat(idle, ' ') } end
for _, ref in ipairs(redis.call('ZRANGE', KEYS[1], 0, most_jobs - 1)) do consider(ref, false) end
if #candidates == 0 then return { 0, table.concat(idle, ' ') } end

local whole = false
for _, job in ipairs(candidates) do whole = whole or job.whole end

local chosen, distinct, count = {}, {}, 0
for _, job in ipairs(candidates) do
  local mask = {}
  if job.whole then
    mask[1] = 's'
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
if #chosen == 0 then return { 0, table.concat(idle, ' ') } end

local reply, manifest = { whole and 1 or 0, table.concat(idle, ' ') }, { whole and '1' or '0' }
for _, job in ipairs(chosen) do
  move_letters(ledger, job.key, job.position, job.mask)
  manifest[#manifest + 1] = job.ref .. ' ' .. job.mask
  if describe(reply, job.ref, job.key, job.position, job.mask) == 0 then redis.call('ZREM', KEYS[1], job.ref) end
end
redis.call('HSET', KEYS[2], call_id, table.concat(manifest, '\n'))
redis.call('ZADD', KEYS[3], now + tonumber(ARGV[3]), call_id)
return reply
