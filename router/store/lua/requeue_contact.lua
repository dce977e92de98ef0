-- Moves a queued contact to a wider bucket when its waiting time says so; its place stays.
-- keys: contact bucket to_bucket buckets deadlines seq journal
-- args: now_ms cmd contact_id expected:int bucket_id bucket_asks wait_until step data placed
-- moves: contact.requeue
-- replies: n, contact revision
-- include: journal contact
if repeated then
  return repeated
end
fence(expected)
in_bucket()
local after = move('contact', contact_id, rev + 1, state, 'requeue')

rev = rev + 1
redis.call('ZREM', bucket, contact_id)
redis.call('ZADD', to_bucket, field('score'), contact_id)
redis.call('HSETNX', buckets, bucket_id, bucket_asks)
redis.call('ZADD', deadlines, wait_until, 'contact:' .. contact_id)
return finish(append(data, placed), 'state', after, 'rev', rev, 'bucket', bucket_id, 'placed', placed, 'wait_until', wait_until, 'step', step)
