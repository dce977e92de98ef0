-- A supervisor who takes part listens from now on, or speaks as well.
-- keys: contact sides seq journal
-- args: now_ms cmd contact_id agent_id leg_id data
-- moves:
-- replies: n, contact revision
-- include: journal contact side
if repeated then
  return repeated
end
local side = side_of(leg_id)
if side.agent ~= agent_id or side.role ~= 'supervisor' then
  refuse('not-yours', contact_id)
end
return finish(append(extend(data, '"leg":"' .. leg_id .. '",' .. side_part(leg_id, side))))
