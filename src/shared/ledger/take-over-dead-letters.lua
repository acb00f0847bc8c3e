-- Takes dead letters over that 0.1.0 left in its outbox or in its BullMQ queue. Safe to repeat: what was taken over is marked
-- in the same step, and does not come back when somebody has dealt with it.
-- KEYS[1] hash of 0.1.0: letters dealt with, KEYS[2] outbox hash of 0.1.0
-- ARGV[1] ledger key prefix, [2] start of the keys of the BullMQ jobs, [3] name that marks a job as a projection, then for
--   each letter: id, text
-- Returns how many are new here
-- include: letters.lua
-- include: dead-letters.lua

local ledger, jobs, projection, taken = ARGV[1], ARGV[2], ARGV[3], 0
for at = 4, #ARGV, 2 do
  local id, text = ARGV[at], ARGV[at + 1]
  local name = redis.pcall('HGET', jobs .. id, 'name')
  local in_outbox = redis.call('HEXISTS', KEYS[2], id) == 1
  local was_dealt_with = redis.call('HEXISTS', KEYS[1], id) == 1
  if (in_outbox or name ~= projection) and not was_dealt_with then
    if add_dead_letter(ledger, id, text) then taken = taken + 1 end
  end
  redis.call('HDEL', KEYS[2], id)
  redis.call('HDEL', KEYS[1], id)
  if type(name) == 'string' then redis.call('HSET', jobs .. id, 'name', projection) end
end
return taken
