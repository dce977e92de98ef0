-- Takes a contact from an agent who can't go on with it and returns it to its place in the queue.
-- keys: contact agent work bucket deadlines seq journal
-- args: now_ms cmd contact_id agent_id wait_until data
-- moves: leg.end leg.fail contact.release offer.fail_setup callback.put_back presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact leg presence callback
if repeated then
  return repeated
end
fence(-1)
owned_by(agent_id)
in_bucket()
local place = redis.call('HMGET', contact, 'score', 'placed')
if leg_state == 'connecting' then
  setup_failed()
else
  leg_move('end')
end
if callback_state == 'dialling' then
  callback_move('put_back')
end
local after = move('contact', contact_id, rev + 1, state, 'release')
local drained = drained_event(contact_id)
local presence = drained and presence_move(drained)

rev = rev + 1
if callback_id then
  keep_callback('')
end
redis.call('HDEL', work, contact_id)
redis.call('HSET', agent, 'idle_since', now_ms)
redis.call('ZREM', deadlines, 'leg:' .. contact_id, 'orphan:' .. contact_id, 'setup:' .. contact_id)
redis.call('ZADD', deadlines, wait_until, 'contact:' .. contact_id)
redis.call('ZADD', bucket, place[1], contact_id)
if presence then
  presence_set(presence, shown[4] or '')
end
local n = append(extend(data, '"leg":"' .. leg_id .. '"'), place[2])
return finish(n, 'state', after, 'rev', rev, 'agent', '', 'offer', '', 'leg_state', leg_state, 'leg_rev', leg_rev, 'wait_until', wait_until,
  'transferred_to', '')
