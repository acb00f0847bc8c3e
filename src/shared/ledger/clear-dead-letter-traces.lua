-- Takes out of the index what stands there of dead letters that were removed by hand.
-- KEYS[1] index zset
-- ARGV[1] ledger key prefix, then members of the index
-- include: letters.lua
-- include: dead-letters.lua

local ledger = ARGV[1]
for at = 2, #ARGV do
  local member = ARGV[at]
  local code, id = string.match(member, '^c|(.-)|' .. string.rep('%d', 16) .. '|(.*)$')
  local is_there = redis.call('HEXISTS', ledger .. ':dead-letters', string.match(member, '|' .. string.rep('%d', 16) .. '|(.*)$')) == 1
  if not is_there and redis.call('ZREM', KEYS[1], member) == 1 and code then
    count_dead_letter(ledger, { code = code, instances = 1 }, -1)
  end
end
