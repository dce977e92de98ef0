-- Decides where a contact waits from now on: it is taken from whoever has it and placed there, by a supervisor, by a new
-- decision, or because its form has changed. An offer that is out is taken back, a set-up that never ended has failed;
-- who is answered in writing is not called.
-- keys: contact agent work bucket to_bucket buckets deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int bucket_id bucket_asks score wait_until asked_again_at:int data placed
-- rest: the contact's new fields and values
-- moves: contact.requeue contact.withdraw contact.release offer.revoke offer.fail_setup leg.end leg.fail callback.put_back callback.supersede presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact leg presence callback declined
if repeated then
  return repeated
end
fence(expected)
fence_generation(rest)
if (own[4] or '') ~= agent_id then
  refuse('stale-revision', tostring(rev))
end
in_bucket()
local event = ({ queued = 'requeue', offered = 'withdraw', with_agent = 'release', parked = 'release' })[state]
if not event then
  refuse('transition-refused', 'contact ' .. state .. ' place_contact')
end
if state == 'offered' then
  move('offer', field('offer'), 2, 'issued', 'revoke')
  data = extend(data, '"offer":"' .. field('offer') .. '"')
elseif state == 'with_agent' then
  if leg_state == 'connecting' then
    setup_failed()
  else
    leg_move('end')
  end
  data = extend(data, '"leg":"' .. leg_id .. '"')
  if callback_state == 'dialling' then
    callback_move('put_back')
  end
end
for i = rest, #ARGV, 2 do
  if ARGV[i] == 'medium' and ARGV[i + 1] ~= 'voice' and callback_state == 'due' then
    callback_move('supersede')
  end
end
local after = move('contact', contact_id, rev + 1, state, event)
local drained = agent_id ~= '' and drained_event(contact_id)
local presence = drained and presence_move(drained)

rev = rev + 1
redis.call('ZREM', bucket, contact_id)
redis.call('ZREM', deadlines, 'offer:' .. contact_id, 'leg:' .. contact_id, 'orphan:' .. contact_id, 'parked:' .. contact_id, 'setup:' .. contact_id)
redis.call('ZADD', to_bucket, score, contact_id)
redis.call('HSETNX', buckets, bucket_id, bucket_asks)
redis.call('ZADD', deadlines, wait_until, 'contact:' .. contact_id)
if agent_id ~= '' then
  if asked_again_at > 0 then
    redis.call('HSET', contact, 'declined', declined_with(asked_again_at, agent_id))
  end
  redis.call('HDEL', work, contact_id)
  redis.call('HSET', agent, 'idle_since', now_ms)
end
if presence then
  presence_set(presence, shown[4] or '')
end
if callback_id then
  keep_callback('')
end
if leg_id then
  redis.call('HSET', contact, 'leg_state', leg_state, 'leg_rev', leg_rev)
end
redis.call('HSET', contact, 'agent', '', 'offer', '', 'stranded_at', 0, 'suggested', '', 'undo', '', 'bucket', bucket_id, 'score', score, 'wait_until', wait_until, 'placed', placed, unpack(ARGV, rest, #ARGV))
return finish(append(data, placed), 'state', after, 'rev', rev)
