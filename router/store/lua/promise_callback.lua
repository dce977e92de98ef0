-- The resident shall be called: at a time, or when it is their turn; then the contact waits at its kept place at once.
-- keys: contact agent work bucket to_bucket buckets deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int slot_at:int bucket_id bucket_asks score wait_until notice_kind data placed
-- rest: the contact's new fields and values
-- moves: contact.call_back contact.fall_due callback.promise callback.fall_due callback.keep offer.revoke leg.end closure_notice.owe presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact leg presence callback
if repeated then
  return repeated
end
fence(expected)
if (own[4] or '') ~= agent_id then
  refuse('stale-revision', tostring(rev))
end
in_bucket()
if state == 'with_agent' then
  leg_move('end')
  data = extend(data, '"leg":"' .. leg_id .. '"')
elseif state == 'offered' then
  move('offer', field('offer'), 2, 'issued', 'revoke')
  data = extend(data, '"offer":"' .. field('offer') .. '"')
end
rev = rev + 1
local after = move('contact', contact_id, rev, state, 'call_back')
promise()
if slot_at == 0 then
  callback_move('fall_due')
  rev = rev + 1
  after = move('contact', contact_id, rev, after, 'fall_due')
end
owe(notice_kind)
local drained = agent_id ~= '' and drained_event(contact_id)
local presence = drained and presence_move(drained)

redis.call('ZREM', bucket, contact_id)
redis.call('ZREM', deadlines, 'contact:' .. contact_id, 'offer:' .. contact_id, 'leg:' .. contact_id, 'orphan:' .. contact_id)
if agent_id ~= '' then
  redis.call('HDEL', work, contact_id)
  redis.call('HSET', agent, 'idle_since', now_ms)
end
if presence then
  presence_set(presence, shown[4] or '')
end
if slot_at == 0 then
  redis.call('ZADD', to_bucket, score, contact_id)
  redis.call('HSETNX', buckets, bucket_id, bucket_asks)
  redis.call('ZADD', deadlines, wait_until, 'contact:' .. contact_id)
else
  redis.call('ZADD', deadlines, slot_at, 'callback:' .. contact_id)
end
keep_callback(notice_kind)
if leg_id and leg_state then
  redis.call('HSET', contact, 'leg_state', leg_state, 'leg_rev', leg_rev)
end
redis.call('HSET', contact, 'agent', '', 'offer', '', 'undo', '', 'callback_at', slot_at, 'bucket', bucket_id, 'score', score,
  'wait_until', wait_until, 'placed', placed, unpack(ARGV, rest, #ARGV))
local n = append(extend(data, '"callback":"' .. callback_id .. '","until":' .. slot_at), slot_at == 0 and placed or nil)
return finish(n, 'state', after, 'rev', rev)
