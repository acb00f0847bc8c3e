-- Asks how a job stands, and puts it into the pool of its invocation when it has instances to send.
-- KEYS[1] request hash
-- ARGV[1] ledger key prefix, [2] job ref, [3] position
-- Returns { 'gone' } | { 'settled' } | { 'flying' } | { 'later', milliseconds } | { 'ready', order, target }
-- include: letters.lua

local letters = redis.call('HGET', KEYS[1], 'l:' .. ARGV[3])
if not letters then return { 'gone' } end
if string.find(letters, 'w', 1, true) and is_withdrawn(KEYS[1], ARGV[3]) then
  -- A withdrawal that broke off half way: left waiting, it could neither be sent nor come to an end.
  letters = move_letters(ARGV[1], KEYS[1], ARGV[3], 'x', 'w')
  settle_if_done(ARGV[1], split_ref(ARGV[2]), KEYS[1], string.format('%.0f', now_ms()))
end
if not string.find(letters, 'w', 1, true) then
  return { string.find(letters, 's', 1, true) and 'flying' or 'settled' }
end
local not_before = tonumber(redis.call('HGET', KEYS[1], 'b:' .. ARGV[3]) or 0)
local wait = not_before - now_ms()
if wait > 0 then return { 'later', wait } end
return { 'ready', join_pool(ARGV[1], KEYS[1], ARGV[2], ARGV[3]), redis.call('HGET', KEYS[1], 't:' .. ARGV[3]) }
