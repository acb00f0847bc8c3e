-- Notes that somebody has dealt with a dead letter in another way. Its instances stay dead-lettered.
-- KEYS[1] request hash, KEYS[2] hash of letters dealt with, KEYS[3] audit stream, KEYS[4] the letter in its queue
-- ARGV[1] letter id, [2] number of instances, [3] audit note (JSON)
-- Returns 1, or 0 when the letter was dealt with before

-- Out of its queue, it was dealt with and the note of that is gone: who comes late must not count it again.
if redis.call('EXISTS', KEYS[4]) == 0 or redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], 'discarded')
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 100000, '*', 'note', ARGV[3])
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HINCRBY', KEYS[1], 'discarded', ARGV[2]) end
return 1
