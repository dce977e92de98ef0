-- The resident did not answer: the next attempt is set, or, after the last, the callback is given up and the contact
-- closed. What they must be told of it is owed.
-- keys: contact agent work deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int next_at:int notice_kind data
-- moves: callback.not_answered callback.give_up contact.call_back contact.give_up leg.fail closure_notice.owe presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact leg presence callback
if repeated then
  return repeated
end
fence(expected)
owned_by(agent_id)
callback_move('not_answered')
attempts = attempts + 1
leg_move('fail')
rev = rev + 1
local after = move('contact', contact_id, rev, state, 'call_back')
if next_at == 0 then
  callback_move('give_up')
  rev = rev + 1
  after = move('contact', contact_id, rev, after, 'give_up')
end
owe(notice_kind)
local drained = drained_event(contact_id)
local presence = drained and presence_move(drained)

redis.call('HDEL', work, contact_id)
redis.call('HSET', agent, 'idle_since', now_ms)
redis.call('ZREM', deadlines, 'leg:' .. contact_id, 'orphan:' .. contact_id)
if presence then
  presence_set(presence, shown[4] or '')
end
keep_callback(notice_kind)
if next_at > 0 then
  redis.call('ZADD', deadlines, next_at, 'callback:' .. contact_id)
else
  redis.call('HSET', contact, 'closed_at', now_ms)
end
local n = append(extend(data, '"leg":"' .. leg_id .. '","callback":"' .. callback_id .. '","until":' .. next_at))
return finish(n, 'state', after, 'rev', rev, 'agent', '', 'offer', '', 'leg_state', leg_state, 'leg_rev', leg_rev, 'callback_at', next_at)
