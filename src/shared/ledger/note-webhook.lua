-- Notes how far the notification of a request has got, unless the request was forgotten meanwhile.
-- KEYS[1] request hash
-- ARGV[1] the note (JSON)

if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'webhookState', ARGV[1]) end
