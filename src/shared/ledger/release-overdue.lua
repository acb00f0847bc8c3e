-- Gives back what calls carried whose worker did not report in time: it waits again.
-- KEYS[1] flights hash, KEYS[2] flight deadlines zset
-- ARGV[1] ledger key prefix, [2] most calls to look at
-- Returns for each part that waits again: its ref, and how often calls that carried some of it were lost
-- include: letters.lua
-- include: pools.lua

local ledger, lost = ARGV[1], {}

local function release(call_id)
  local manifest = redis.call('HGET', KEYS[1], call_id) or ''
  for ref, mask in string.gmatch(manifest, '\n(%S+) (%S+)') do
    local request_id, position = split_ref(ref)
    local key = ledger .. ':request:' .. request_id
    local back = is_withdrawn(key, position) and 'x' or 'w'
    local letters, moved = move_letters(ledger, key, position, string.gsub(mask, 's', back), 's')
    if letters and #moved > 0 then
      if back == 'w' then
        join_pool(ledger, key, ref, position)
        lost[#lost + 1] = ref
        lost[#lost + 1] = redis.call('HINCRBY', key, 'o:' .. position, 1)
      else
        settle_if_done(ledger, request_id, key, string.format('%.0f', now_ms()))
      end
    end
  end
  redis.call('HDEL', KEYS[1], call_id)
  redis.call('ZREM', KEYS[2], call_id)
end

for _, call_id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now_ms(), 'LIMIT', 0, tonumber(ARGV[2]))) do
  -- One that carries something that was changed by hand must not keep the others from coming back.
  if not pcall(release, call_id) then redis.call('ZADD', KEYS[2], now_ms() + 60000, call_id) end
end
return lost
