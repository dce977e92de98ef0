-- Gives the agent more time for wrap-up.
-- keys: contact deadlines seq journal
-- args: now_ms cmd contact_id agent_id wrap_until data
-- moves: leg.extend
-- replies: n, contact revision
-- include: journal contact leg
if repeated then
  return repeated
end
fence(-1)
owned_by(agent_id)
leg_move('extend')

redis.call('ZADD', deadlines, wrap_until, 'leg:' .. contact_id)
local n = append(extend(data, '"leg":"' .. leg_id .. '","until":' .. wrap_until))
return finish(n, 'leg_rev', leg_rev, 'leg_until', wrap_until)
