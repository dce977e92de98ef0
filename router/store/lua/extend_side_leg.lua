-- More time for a wrap-up beside a contact that has been passed on.
-- keys: contact sides deadlines seq journal
-- args: now_ms cmd contact_id agent_id leg_id ends_at:int data
-- moves: leg.extend
-- replies: n, contact revision
-- include: journal contact side
if repeated then
  return repeated
end
local side = side_of(leg_id)
if side.agent ~= agent_id then
  refuse('not-yours', leg_id)
end
side_move(leg_id, side, 'extend')
side.ends_at = ends_at

keep_side(leg_id, side)
redis.call('ZADD', deadlines, ends_at, 'side:' .. leg_id)
return finish(append(extend(data, '"leg":"' .. leg_id .. '","until":' .. ends_at .. ',' .. side_part(leg_id, side))))
