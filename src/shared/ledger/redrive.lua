-- Sends what dead letters name round again, perhaps with another target, and removes the letters in the same step: doing it
-- twice moves nothing twice. What is sent round again begins with no attempt spent and all of its time: in a part of its own
-- wherever others of its part are under way, whose attempts and times these are, or were taken back.
-- KEYS[1] audit stream
-- ARGV[1] ledger key prefix, [2] who, [3] when (ISO 8601), [4] region to use instead, or empty, [5] invocation to use
--   instead, or empty, then the ids of the letters
-- Returns for each id the number of instances; -1: the ledger has no such part, the letter stays; -2: there is no such letter
--   (any more). The jobs that the queue needs for it stand in unqueued-pools.
-- include: letters.lua
-- include: pools.lua
-- include: instance-index.lua
-- include: dead-letters.lua

local ledger, new_region, new_invocation = ARGV[1], ARGV[4], ARGV[5]

-- Which instances of the part go: '!' for each, '.' for the others; and their names. Nothing when the letter names one that
-- is not of the part: then it was changed by hand.
local function choose(letter, ids, letters)
  if ids == '' then return '!', {} end
  local wanted, left, mask, names = {}, letter.names == '' and 0 or letter.instances, {}, {}
  for id in string.gmatch(letter.names, '%S+') do wanted[id] = true end
  for id in string.gmatch(ids, '%S+') do
    local take = wanted[id] and string.sub(letters, #mask + 1, #mask + 1) == 'd'
    if wanted[id] then left = left - 1 end
    mask[#mask + 1] = take and '!' or '.'
    if take then names[#names + 1] = id end
  end
  if left == 0 then return table.concat(mask), names end
end

local function move_to_own_part(key, target, names, count)
  local position = redis.call('HINCRBY', key, 'jobs', 1) - 1
  -- Written down by withdrawals since 0.1.1; an earlier one took back all parts there were.
  if redis.call('HEXISTS', key, 'withdrawnAt') == 1 then redis.call('HSETNX', key, 'withdrawnJobs', position) end
  local ids = table.concat(names, ' ')
  redis.call('HSET', key, 't:' .. position, target, 'i:' .. position, ids, 'l:' .. position, string.rep('w', count))
  note_waiting(ledger, key, redis.call('HINCRBY', key, 'waiting', count), 1, count)
  local ref = string.format('%s.%d', redis.call('HGET', key, 'sequence'), position)
  for _, id in ipairs(names) do index_instance(ledger .. ':instances:' .. bucket_of(id), id, ref) end
  return position
end

local function redrive(letter, id)
  local request_id, position = letter.request_id, letter.position
  if not request_id then return -1 end
  local key = ledger .. ':request:' .. request_id
  local letters, ids, old_target = unpack(redis.call('HMGET', key, 'l:' .. position, 'i:' .. position, 't:' .. position))
  if not letters then return -1 end
  local region, invocation = string.match(old_target, '^(.-)|(.*)$')
  local target = (new_region ~= '' and new_region or region) .. '|' .. (new_invocation ~= '' and new_invocation or invocation)
  local mask, names = choose(letter, ids, letters)
  if not mask then return -1 end
  local moves = target ~= old_target or string.find(letters, '[wsa]') or is_withdrawn(key, position)
  local _, moved = move_letters(ledger, key, position, string.gsub(mask, '!', moves and 'm' or 'w'), 'd')
  remove_dead_letter(ledger, id, letter)
  note_audit(KEYS[1], 'redrive', ARGV[2], ARGV[3], id, letter, '')
  if #moved == 0 then return 0 end

  if moves then position = move_to_own_part(key, target, names, #moved) end
  for _, field in ipairs({ 'n:', 'b:', 'k:', 'c:', 'h:', 'o:' }) do redis.call('HDEL', key, field .. position) end
  redis.call('HINCRBY', key, 'g:' .. position, 1)
  reopen(ledger, request_id, key)
  join_pool(ledger, key, request_id .. '.' .. position, position)
  return #moved
end

local reply = {}
for at = 6, #ARGV do
  local letter, text = read_dead_letter(ledger, ARGV[at])
  if letter then
    reply[#reply + 1] = redrive(letter, ARGV[at])
  else
    reply[#reply + 1] = text and -1 or -2
  end
end
return reply
