-- What was passed on comes back to the agent who passed it on and still wraps up: whoever was to have it did not answer.
-- `wrap_leg` is that wrap-up beside the new owner's leg; empty, it is the owner's own, of a call sent on outside.
-- keys: contact agent work to_agent to_work sides deadlines seq journal
-- args: now_ms cmd contact_id agent_id to_id expected:int wrap_leg setup_until:int data
-- moves: contact.transfer offer.fail_setup leg.fail leg.end leg.connect leg.connected presence.go_away presence.go_offline
-- replies: n, contact revision, leg number
-- include: journal contact leg side presence
if repeated then
  return repeated
end
fence(expected)
owned_by(agent_id)
local to = redis.call('HMGET', to_agent, 'lease', 'presence')
if to[1] ~= 'alive' or (to[2] ~= 'available' and to[2] ~= 'draining') then
  refuse('no-capacity', 'presence')
end
local after = move('contact', contact_id, rev + 1, state, 'transfer')
local wrap, presence
if wrap_leg ~= '' then
  wrap = side_of(wrap_leg)
  if wrap.role ~= 'wrap' or wrap.agent ~= to_id or leg_state ~= 'connecting' then
    refuse('transition-refused', 'leg ' .. leg_state .. ' recall_contact')
  end
  setup_failed()
  side_move(wrap_leg, wrap, 'end')
  local drained = drained_event(contact_id)
  presence = drained and presence_move(drained)
else
  if to_id ~= agent_id or leg_state ~= 'wrapping_up' or (field('transferred_to') or '') == '' then
    refuse('transition-refused', 'leg ' .. leg_state .. ' recall_contact')
  end
  leg_move('end')
end
new_leg(setup_until)

rev = rev + 1
redis.call('HDEL', work, contact_id)
redis.call('ZREM', deadlines, 'leg:' .. contact_id, 'orphan:' .. contact_id, 'setup:' .. contact_id)
if wrap then
  redis.call('HDEL', to_work, wrap_leg)
  drop_side(wrap_leg)
  data = extend(data, side_part(wrap_leg, wrap))
end
data = extend(data, '"leg":"' .. leg_id .. '"')
redis.call('HSET', to_work, contact_id, side_item('leg'))
await_setup(setup_until)
if presence then
  presence_set(presence, shown[4] or '')
end
return finish(append(data), 'state', after, 'rev', rev, 'agent', to_id, 'offer', '', 'leg', leg_id, 'legs', made,
  'leg_state', leg_state, 'leg_rev', leg_rev, 'leg_offer', '', 'leg_since', now_ms, 'leg_until', 0, 'transferred_to', '', 'undo', '')
