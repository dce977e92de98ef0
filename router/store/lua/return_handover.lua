-- The unit sends the handover back with a reason: the contact is queued again at its first place.
-- keys: contact bucket buckets deadlines seq journal
-- args: now_ms cmd contact_id handover_id bucket_id bucket_asks score wait_until data placed
-- rest: the contact's new fields and values
-- moves: handover.return contact.return case.suspend
-- replies: n, contact revision
-- include: journal contact handover
if repeated then
  return repeated
end
is_current(handover_id)
handover_move('return')
case_move('suspend')
local after = move('contact', contact_id, rev + 1, state, 'return')

rev = rev + 1
redis.call('ZREM', deadlines, 'handover:' .. contact_id)
redis.call('ZADD', deadlines, wait_until, 'contact:' .. contact_id)
redis.call('ZADD', bucket, score, contact_id)
redis.call('HSETNX', buckets, bucket_id, bucket_asks)
redis.call('HSET', contact, 'state', after, 'rev', rev, 'bucket', bucket_id, 'score', score, 'wait_until', wait_until, 'placed', placed, unpack(ARGV, rest, #ARGV))
return finish_handover_step(append(data, placed))
