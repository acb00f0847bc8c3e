-- Takes a request out of the outbox of notifications, unless it was settled anew meanwhile.
-- KEYS[1] webhook outbox hash
-- ARGV[1] request id, [2] time of settling for which a notification was queued

if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
