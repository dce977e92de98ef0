-- The resident waits on hold.
-- keys: contact seq journal
-- args: now_ms cmd contact_id agent_id data
-- moves: leg.hold
-- replies: n, contact revision
-- include: journal contact leg
if repeated then
  return repeated
end
fence(-1)
owned_by(agent_id)
leg_move('hold')
return finish(append(extend(data, '"leg":"' .. leg_id .. '"')), 'leg_state', leg_state, 'leg_rev', leg_rev)
