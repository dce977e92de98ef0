-- Warm transfer: the agent who was consulted has the contact from now on, the one who gave it wraps up beside. With
-- `setup_until` the new leg connects when their phone is answered.
-- keys: contact work to_work sides deadlines seq journal
-- args: now_ms cmd contact_id agent_id to_agent expected:int side_leg wrap_until:int setup_until:int data
-- moves: contact.transfer leg.wrap_up leg.extend leg.end leg.connect leg.connected
-- replies: n, contact revision, leg number
-- include: journal contact leg side
if repeated then
  return repeated
end
fence(expected)
owned_by(agent_id)
if leg_state == 'connecting' then
  refuse('transition-refused', 'leg connecting transfer_leg')
end
local consult = side_of(side_leg)
if consult.role ~= 'consult' or consult.agent ~= to_agent or consult.state ~= 'connected' then
  refuse('transition-refused', 'leg ' .. consult.state .. ' transfer_leg')
end
local after = move('contact', contact_id, rev + 1, state, 'transfer')
local from = leg_id
local wrap = owner_wraps_up(leg_id, agent_id, wrap_until)
side_move(side_leg, consult, 'end')
new_leg(setup_until)

rev = rev + 1
redis.call('HDEL', work, contact_id)
redis.call('HSET', work, from, side_item('wrap'))
keep_side(from, wrap)
redis.call('HSETNX', contact, 'wrapped:' .. from, now_ms)
drop_side(side_leg)
redis.call('HDEL', to_work, side_leg)
redis.call('HSET', to_work, contact_id, side_item('leg'))
redis.call('ZREM', deadlines, 'leg:' .. contact_id, 'orphan:' .. contact_id)
redis.call('ZADD', deadlines, wrap_until, 'side:' .. from)
await_setup(setup_until)
local n = append(extend(data, '"leg":"' .. leg_id .. '",' .. side_part(from, wrap)))
return finish(n, 'state', after, 'rev', rev, 'agent', to_agent, 'offer', '', 'leg', leg_id, 'legs', made, 'leg_state', leg_state,
  'leg_rev', leg_rev, 'leg_offer', '', 'leg_since', now_ms, 'leg_until', 0, 'undo', '')
