-- The call goes on with a unit or a number outside: the agent's part is the wrap-up, which ends the contact here.
-- keys: contact work deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int wrap_until:int to data
-- moves: leg.wrap_up
-- replies: n, contact revision
-- include: journal contact leg
if repeated then
  return repeated
end
fence(expected)
owned_by(agent_id)
local about = redis.call('HMGET', contact, 'channel', 'medium')
if leg_state == 'connecting' then
  refuse('transition-refused', 'leg connecting transfer_out')
end
leg_move('wrap_up')

redis.call('HSET', work, contact_id, about[1] .. ':' .. about[2] .. ':wrap')
redis.call('ZADD', deadlines, wrap_until, 'leg:' .. contact_id)
redis.call('HSETNX', contact, 'wrapped:' .. leg_id, now_ms)
local n = append(extend(data, '"leg":"' .. leg_id .. '","until":' .. wrap_until))
return finish(n, 'leg_state', leg_state, 'leg_rev', leg_rev, 'leg_until', wrap_until, 'transferred_to', to)
