-- The channel has set the conversation up; whether the resident of a callback answered, its agent says.
-- keys: contact deadlines seq journal
-- args: now_ms cmd contact_id agent_id data
-- moves: leg.connected
-- replies: n, contact revision
-- include: journal contact leg
if repeated then
  return repeated
end
fence(-1)
owned_by(agent_id)
if field('callback_state') == 'dialling' then
  refuse('transition-refused', 'callback dialling connect_leg')
end
leg_move('connected')

redis.call('ZREM', deadlines, 'setup:' .. contact_id)
return finish(append(extend(data, '"leg":"' .. leg_id .. '"')), 'leg_state', leg_state, 'leg_rev', leg_rev)
