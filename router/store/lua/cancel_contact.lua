-- Whoever waits does not need an answer any more: the resident says so, or a supervisor for them.
-- keys: contact agent work bucket deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int data
-- moves: contact.cancel offer.revoke callback.give_up callback.keep presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact presence callback
if repeated then
  return repeated
end
fence(expected)
if (field('agent') or '') ~= agent_id then
  refuse('stale-revision', tostring(rev))
end
if state == 'queued' then
  in_bucket()
elseif state == 'offered' then
  move('offer', field('offer'), 2, 'issued', 'revoke')
  data = extend(data, '"offer":"' .. field('offer') .. '"')
end
keep_promise()
if moves['callback.give_up'][callback_state] then
  callback_move('give_up')
  data = extend(data, '"callback":"' .. callback_id .. '"')
end
local after = move('contact', contact_id, rev + 1, state, 'cancel')
local drained = agent_id ~= '' and drained_event(contact_id)
local presence = drained and presence_move(drained)

rev = rev + 1
redis.call('ZREM', bucket, contact_id)
redis.call('HDEL', work, contact_id)
redis.call('ZREM', deadlines, 'contact:' .. contact_id, 'offer:' .. contact_id, 'callback:' .. contact_id)
if presence then
  presence_set(presence, shown[4] or '')
end
if callback_id then
  keep_callback('')
end
return finish(append(data), 'state', after, 'rev', rev, 'agent', '', 'offer', '', 'closed_at', now_ms)
