-- The conversation goes on after a hold or an interruption.
-- keys: contact work seq journal
-- args: now_ms cmd contact_id agent_id data
-- moves: leg.resume
-- replies: n, contact revision
-- include: journal contact leg
if repeated then
  return repeated
end
fence(-1)
owned_by(agent_id)
local about = leg_state == 'interrupted' and redis.call('HMGET', contact, 'channel', 'medium')
leg_move('resume')

if about then
  redis.call('HSET', work, contact_id, about[1] .. ':' .. about[2] .. ':leg')
end
return finish(append(extend(data, '"leg":"' .. leg_id .. '"')), 'leg_state', leg_state, 'leg_rev', leg_rev)
