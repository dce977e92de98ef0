-- A leg beside the owner's ends: declined or unanswered while it was connecting, otherwise over.
-- keys: contact agent work sides deadlines seq journal
-- args: now_ms cmd contact_id agent_id leg_id only_after:int data
-- moves: leg.end leg.fail presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact presence side
if repeated then
  return repeated
end
local side = side_of(leg_id)
if side.agent ~= agent_id then
  refuse('not-yours', leg_id)
end
if only_after == 1 and side.ends_at > now_ms then
  refuse('transition-refused', 'leg ' .. side.state .. ' end_side_leg')
end
side_move(leg_id, side, side.state == 'connecting' and 'fail' or 'end')
local drained = drained_event(leg_id)
local presence = drained and presence_move(drained)

redis.call('HDEL', work, leg_id)
drop_side(leg_id)
if side.role ~= 'supervisor' then
  redis.call('HSET', agent, 'idle_since', now_ms)
end
if presence then
  presence_set(presence, shown[4] or '')
end
return finish(append(extend(data, '"leg":"' .. leg_id .. '",' .. side_part(leg_id, side))))
