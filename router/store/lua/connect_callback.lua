-- The resident has answered the agent's call: the conversation has begun.
-- keys: contact seq journal
-- args: now_ms cmd contact_id agent_id expected:int data
-- moves: callback.connect leg.connected
-- replies: n, contact revision
-- include: journal contact leg callback
if repeated then
  return repeated
end
fence(expected)
owned_by(agent_id)
callback_move('connect')
leg_move('connected')

keep_callback('')
local n = append(extend(data, '"leg":"' .. leg_id .. '","callback":"' .. callback_id .. '"'))
return finish(n, 'leg_state', leg_state, 'leg_rev', leg_rev)
