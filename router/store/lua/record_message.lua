-- A further message of the resident: kept with the contact; an answered contact is queued again by it.
-- keys: contact content event bucket buckets deadlines seq journal
-- args: now_ms cmd contact_id body_sha event_ttl:int number record path bucket_id bucket_asks score wait_until data placed
-- rest: the contact's new fields and values when it is reopened
-- moves: contact.reopen
-- replies: n, contact id
-- include: journal contact
local accepted = redis.call('GET', event)
if accepted then
  local id, sha = string.match(accepted, '^(%S+) (%S+)$')
  if sha ~= body_sha then
    refuse('event-conflict', id)
  end
  return { 0, id }
end
fence(-1)
-- What is over tells nobody any more: a message kept there would be lost. It is a contact of its own.
if state == 'closed' or state == 'abandoned' or state == 'cancelled' then
  refuse('transition-refused', 'contact ' .. state .. ' message: send it as contact.received')
end
is_free(number)
if path == 'reopen' and state ~= 'answered' then
  refuse('transition-refused', 'contact ' .. state .. ' reopen')
end
local after = path == 'reopen' and move('contact', contact_id, rev + 1, state, 'reopen')

redis.call('SET', event, contact_id .. ' ' .. body_sha, 'PX', event_ttl)
redis.call('HSETNX', content, number, record)
redis.call('HSET', contact, 'contents', number)
if after then
  redis.call('ZADD', bucket, score, contact_id)
  redis.call('HSETNX', buckets, bucket_id, bucket_asks)
  redis.call('ZADD', deadlines, wait_until, 'contact:' .. contact_id)
  redis.call('HSET', contact, 'state', after, 'rev', rev + 1, 'bucket', bucket_id, 'score', score, 'wait_until', wait_until, 'placed', placed, unpack(ARGV, rest, #ARGV))
end
return { append(data, after and placed or nil), contact_id }
