-- Puts dead letters aside for good. Their instances stay dead-lettered. Doing it twice does nothing twice.
-- KEYS[1] audit stream
-- ARGV[1] ledger key prefix, [2] who, [3] when (ISO 8601), [4] why, then the ids
-- Returns for each id the number of instances, or -2 when there is no such letter (any more)
-- include: letters.lua
-- include: dead-letters.lua

local ledger, reply = ARGV[1], {}
for at = 5, #ARGV do
  local id = ARGV[at]
  local letter, text = read_dead_letter(ledger, id)
  if text then
    remove_dead_letter(ledger, id, letter)
    letter = letter or { named_request = '', code = 'UnreadableLetter', instances = 1 }
    note_audit(KEYS[1], 'discard', ARGV[2], ARGV[3], id, letter, ARGV[4])
    if letter.request_id then
      local key = ledger .. ':request:' .. letter.request_id
      if redis.call('HEXISTS', key, 'jobs') == 1 then redis.call('HINCRBY', key, 'discarded', letter.instances) end
    end
  end
  reply[#reply + 1] = text and letter.instances or -2
end
return reply
