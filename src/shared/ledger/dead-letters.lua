-- Included by scripts that write or remove dead letters: the one truth about them. Comes after letters.lua.
--
-- dead-letters        hash: id to seven lines: draft (JSON: requestId, jobId, code, message, cloudRequestId), target
--                     ("<region>|<invocation>"), instance ids (space between; empty: the whole invocation), attempts,
--                     history (JSON), time of acceptance (ms), time of death (ms)
-- dead-letter-index   zset, all scores 0, of four members for each: "a|", "c|<code>", "r|<request>", "i|<invocation>", each
--                     followed by "|<time of death>|<id>"
-- dead-letter-counts  hash: letters:<code>, instances:<code>
-- d:<position>        in the hash of a request: ids of the dead letters of that job (space between)

local function parse_dead_letter(text)
  local lines = {}
  for line in string.gmatch(text .. '\n', '(.-)\n') do lines[#lines + 1] = line end
  local is_json, draft = pcall(cjson.decode, lines[1] or '')
  if not is_json or type(draft) ~= 'table' or #lines < 7 or not tonumber(lines[7]) then return nil end
  local _, names = string.gsub(lines[3], '%S+', '')
  local job_id = tostring(draft.jobId or '')
  -- Of a job that was redriven before, the id ends in the round; it is the same job to the ledger.
  local request_id, position = string.match(string.gsub(job_id, '%.r%d+$', ''), '^([%w_-]+)%.(%d+)$')
  return {
    lines = lines, request_id = request_id, position = position, named_request = tostring(draft.requestId or ''),
    code = tostring(draft.code or ''), target = lines[2], names = lines[3], instances = math.max(names, 1),
    died_at = tonumber(lines[7]),
  }
end

local function read_dead_letter(ledger, id)
  local text = redis.call('HGET', ledger .. ':dead-letters', id)
  return text and parse_dead_letter(text), text
end

local function dead_letter_members(id, letter)
  local tail = string.format('|%016.0f|%s', letter.died_at, id)
  return 'a|' .. tail, 'c|' .. letter.code .. tail, 'r|' .. letter.named_request .. tail,
    'i|' .. (string.match(letter.target, '|(.*)$') or '') .. tail
end

local function count_dead_letter(ledger, letter, sign)
  local key = ledger .. ':dead-letter-counts'
  redis.call('HINCRBY', key, 'instances:' .. letter.code, sign * letter.instances)
  if redis.call('HINCRBY', key, 'letters:' .. letter.code, sign) <= 0 then
    redis.call('HDEL', key, 'letters:' .. letter.code, 'instances:' .. letter.code)
  end
end

-- Notes in the request which letters a job of it has.
local function note_letter_of_job(ledger, id, letter, is_there)
  if not letter.request_id then return end
  local key, field = ledger .. ':request:' .. letter.request_id, 'd:' .. letter.position
  local known, letters = unpack(redis.call('HMGET', key, field, 'l:' .. letter.position))
  if not letters then return end
  local ids = {}
  for each in string.gmatch(known or '', '%S+') do if each ~= id then ids[#ids + 1] = each end end
  if is_there then ids[#ids + 1] = id end
  if #ids == 0 then redis.call('HDEL', key, field) else redis.call('HSET', key, field, table.concat(ids, ' ')) end
end

-- Does nothing for an id that is known, nor for a text that is no letter. Returns whether it was added.
local function add_dead_letter(ledger, id, text)
  local letter = parse_dead_letter(text)
  if not letter or redis.call('HSETNX', ledger .. ':dead-letters', id, text) == 0 then return false end
  local all, code, request, invocation = dead_letter_members(id, letter)
  redis.call('ZADD', ledger .. ':dead-letter-index', 0, all, 0, code, 0, request, 0, invocation)
  count_dead_letter(ledger, letter, 1)
  note_letter_of_job(ledger, id, letter, true)
  return true
end

-- Of one that was changed by hand, traces stay in the index, which whoever lists clears away.
local function remove_dead_letter(ledger, id, letter)
  redis.call('HDEL', ledger .. ':dead-letters', id)
  if not letter then return end
  redis.call('ZREM', ledger .. ':dead-letter-index', dead_letter_members(id, letter))
  count_dead_letter(ledger, letter, -1)
  note_letter_of_job(ledger, id, letter, false)
end

-- Takes instances out of the dead letters of a job that turn out to be none. `names` is a set. Returns how many were in one.
local function take_from_dead_letters(ledger, request_key, position, names)
  local ids, taken = redis.call('HGET', request_key, 'd:' .. position), 0
  for id in string.gmatch(ids or '', '%S+') do
    local letter = read_dead_letter(ledger, id)
    if letter then
      local left = {}
      for name in string.gmatch(letter.names, '%S+') do if not names[name] then left[#left + 1] = name end end
      -- A letter without names is of a whole invocation whose members are not known.
      if letter.names == '' or #left < letter.instances then
        remove_dead_letter(ledger, id, letter)
        taken = taken + letter.instances - #left
        if #left > 0 then
          letter.lines[3] = table.concat(left, ' ')
          add_dead_letter(ledger, id, table.concat(letter.lines, '\n'))
        end
      end
    end
  end
  return taken
end

local function note_audit(key, action, by, at, id, letter, reason)
  redis.call('XADD', key, 'MAXLEN', '~', 100000, '*', 'note', cjson.encode({
    at = at, action = action, by = by, letterId = id, requestId = letter.named_request, code = letter.code,
    instances = letter.instances, reason = reason ~= '' and reason or nil,
  }))
end
