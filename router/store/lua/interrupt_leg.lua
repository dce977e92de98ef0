-- Written work stands still while its agent takes live work; it takes no room until it is resumed.
-- keys: contact work seq journal
-- args: now_ms cmd contact_id agent_id data
-- moves: leg.interrupt
-- replies: n (0 when it stands still already), contact revision
-- include: journal contact leg
if repeated then
  return repeated
end
fence(-1)
owned_by(agent_id)
if leg_state == 'interrupted' then
  return { 0, rev }
end
local about = redis.call('HMGET', contact, 'channel', 'medium')
if about[2] ~= 'written' then
  refuse('transition-refused', 'only written work is interrupted')
end
leg_move('interrupt')

redis.call('HSET', work, contact_id, about[1] .. ':' .. about[2] .. ':interrupted')
return finish(append(extend(data, '"leg":"' .. leg_id .. '"')), 'leg_state', leg_state, 'leg_rev', leg_rev)
