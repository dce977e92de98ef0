-- What parked work waited for has come, or its agent has not: it is queued again, ready from now on.
-- keys: contact work bucket buckets deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int bucket_id bucket_asks score wait_until data placed
-- rest: the contact's new fields and values
-- moves: contact.release
-- replies: n, contact revision
-- include: journal contact leg
if repeated then
  return repeated
end
fence(expected)
owned_by(agent_id)
if state ~= 'parked' then
  refuse('transition-refused', 'contact ' .. state .. ' release_parked')
end
local after = move('contact', contact_id, rev + 1, state, 'release')

rev = rev + 1
redis.call('HDEL', work, contact_id)
redis.call('ZREM', deadlines, 'parked:' .. contact_id, 'orphan:' .. contact_id)
redis.call('ZADD', deadlines, wait_until, 'contact:' .. contact_id)
redis.call('ZADD', bucket, score, contact_id)
redis.call('HSETNX', buckets, bucket_id, bucket_asks)
redis.call('HSET', contact, unpack(ARGV, rest, #ARGV))
return finish(append(data, placed), 'state', after, 'rev', rev, 'agent', '', 'offer', '', 'bucket', bucket_id, 'score', score,
  'wait_until', wait_until, 'placed', placed, 'parked_until', 0)
