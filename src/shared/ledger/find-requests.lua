-- Looks through requests from newer to older ones for those of a state, or with a text in them. Looks at a bounded
-- number of requests and jobs, so that nobody else waits for long.
-- KEYS[1] requests zset
-- ARGV[1] ledger key prefix, [2] highest sequence number to look at ('+inf' or '(number'), [3] most requests to find,
--   [4] most requests to look at, [5] most jobs to look into, [6] state or empty, [7] text in lower case or empty,
--   [8] invocation id (any case) to look for in the jobs, or empty, [9] position in the first request to go on from, if the
--   look before ended in the middle of it
-- Returns { sequence number of the last one looked at, or '' when there are no more; position in it to go on from, or 0 when
--   it was looked at whole; id, sequence of each that fits }

local ledger, most, state, text, invocation = ARGV[1], tonumber(ARGV[3]), ARGV[6], ARGV[7], ARGV[8]
local jobs_left, resume_at = tonumber(ARGV[5]), tonumber(ARGV[9])
local fields_per_look = 500
local most_jobs = 200000 -- no request has so many

local function state_of(facts)
  if facts[1] then return facts[2] and 'withdrawn' or 'finished' end
  return (tonumber(facts[3] or '0') or 0) == 0 and 'waiting' or 'running'
end

local function has_text(request_id, facts)
  if string.find(string.lower(request_id), text, 1, true) then return true end
  for at = 4, 6 do
    if facts[at] and string.find(string.lower(facts[at]), text, 1, true) then return true end
  end
  return false
end

-- Also the position to go on from, when there are more jobs than this look may still see.
local function has_invocation(key, jobs, from)
  jobs = math.min(jobs, most_jobs) -- a count that was changed by hand must not keep others busy for minutes
  while from < jobs do
    if jobs_left <= 0 then return false, from end
    local to = math.min(from + fields_per_look, jobs)
    local fields = {}
    for position = from, to - 1 do fields[#fields + 1] = 't:' .. position end
    for _, target in ipairs(redis.call('HMGET', key, unpack(fields))) do
      if target and string.find(string.lower(target), invocation, 1, true) then return true end
    end
    jobs_left = jobs_left - (to - from)
    from = to
  end
  return false
end

local found = { '', 0 }
local ids = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[2], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4])
for at = 1, #ids, 2 do
  local request_id, sequence = ids[at], ids[at + 1]
  local key = ledger .. ':request:' .. request_id
  local facts = redis.pcall('HMGET', key, 'settledAt', 'withdrawnAt', 'calls', 'reason', 'label', 'requestedBy', 'jobs')
  -- One that is damaged is found by its id only; it must not hide the others.
  if facts.err then facts = { false, false, '0', false, false, false, '0' } end
  local fits, resume = facts[7] and (state == '' or state_of(facts) == state), nil
  if fits and text ~= '' then
    local from = sequence == ARGV[2] and resume_at or 0 -- it may have been removed since
    fits = from == 0 and has_text(request_id, facts)
    if not fits and invocation ~= '' then fits, resume = has_invocation(key, tonumber(facts[7]) or 0, from) end
  end
  if resume then
    found[1], found[2] = sequence, resume
    return found
  end
  if fits then
    found[#found + 1] = request_id
    found[#found + 1] = sequence
  end
  if (#found - 2) / 2 >= most or jobs_left <= 0 then
    found[1] = sequence
    return found
  end
end
if #ids == tonumber(ARGV[4]) * 2 then found[1] = ids[#ids] end
return found
