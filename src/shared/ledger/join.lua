-- Asks how a job stands, and puts it into the pool of its invocation when it has instances to send.
-- KEYS[1] request hash
-- ARGV[1] ledger key prefix, [2] job ref, [3] position
-- Returns { 'gone' } | { 'settled' } | { 'flying' } | { 'later', milliseconds } | { 'ready', order, target }
-- include: letters.lua

local letters = redis.call('HGET', KEYS[1], 'l:' .. ARGV[3])
if not letters then return { 'gone' } end
if not string.find(letters, 'w', 1, true) then
  return { string.find(letters, 's', 1, true) and 'flying' or 'settled' }
end
local not_before = tonumber(redis.call('HGET', KEYS[1], 'b:' .. ARGV[3]) or 0)
local wait = not_before - now_ms()
if wait > 0 then return { 'later', wait } end
return { 'ready', join_pool(ARGV[1], KEYS[1], ARGV[2], ARGV[3]), redis.call('HGET', KEYS[1], 't:' .. ARGV[3]) }
