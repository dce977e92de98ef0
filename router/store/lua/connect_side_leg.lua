-- The agent who was asked takes part in the conversation.
-- keys: contact sides deadlines seq journal
-- args: now_ms cmd contact_id agent_id leg_id ends_at:int look_at:int data
-- moves: leg.connected
-- replies: n, contact revision
-- include: journal contact side
if repeated then
  return repeated
end
local side = side_of(leg_id)
if side.agent ~= agent_id then
  refuse('not-yours', leg_id)
end
side_move(leg_id, side, 'connected')
side.ends_at = ends_at

keep_side(leg_id, side)
redis.call('ZADD', deadlines, look_at, 'side:' .. leg_id)
return finish(append(extend(data, '"leg":"' .. leg_id .. '",' .. side_part(leg_id, side))))
