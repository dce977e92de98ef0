-- The conversation goes on after a hold or an interruption.
-- keys: contact seq journal
-- args: now_ms cmd contact_id agent_id data
-- moves: leg.resume
-- replies: n, contact revision
-- include: journal contact leg
if repeated then
  return repeated
end
fence(-1)
owned_by(agent_id)
leg_move('resume')
return finish(append(extend(data, '"leg":"' .. leg_id .. '"')), 'leg_state', leg_state, 'leg_rev', leg_rev)
