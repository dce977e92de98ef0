-- The time of a promised callback has come: the contact waits for an agent who calls.
-- keys: contact bucket buckets deadlines seq journal
-- args: now_ms cmd contact_id expected:int bucket_id bucket_asks score wait_until data placed
-- rest: the contact's new fields and values
-- moves: contact.fall_due callback.fall_due
-- replies: n, contact revision
-- include: journal contact callback
if repeated then
  return repeated
end
fence(expected)
callback_move('fall_due')
local after = move('contact', contact_id, rev + 1, state, 'fall_due')

rev = rev + 1
redis.call('ZREM', deadlines, 'callback:' .. contact_id)
redis.call('ZADD', bucket, score, contact_id)
redis.call('HSETNX', buckets, bucket_id, bucket_asks)
redis.call('ZADD', deadlines, wait_until, 'contact:' .. contact_id)
keep_callback('')
redis.call('HSET', contact, 'bucket', bucket_id, 'score', score, 'wait_until', wait_until, 'placed', placed, unpack(ARGV, rest, #ARGV))
local n = append(extend(data, '"callback":"' .. callback_id .. '"'), placed)
return finish(n, 'state', after, 'rev', rev)
