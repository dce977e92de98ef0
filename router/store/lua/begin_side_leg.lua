-- Somebody takes part beside the owner: a consult rings at an agent who has room, a supervisor joins at once.
-- keys: contact agent work sides deadlines seq journal
-- args: now_ms cmd contact_id agent_id owner role ends_at:int look_at:int data
-- moves: leg.connect leg.connected
-- replies: n, contact revision, leg number
-- include: journal contact leg side room hands
if repeated then
  return repeated
end
fence(-1)
owned_by(owner)
if state ~= 'with_agent' then
  refuse('transition-refused', 'contact ' .. state .. ' begin_side_leg')
end
if agent_id == owner then
  refuse('transition-refused', 'the contact is with this agent')
end
local here = redis.call('HGETALL', sides)
for i = 1, #here, 2 do
  local other = side_of(here[i])
  if other.agent == agent_id and other.role ~= 'wrap' then
    refuse('transition-refused', 'the agent takes part already')
  end
end
if role == 'consult' then
  if redis.call('HGET', agent, 'presence') ~= 'available' then
    refuse('no-capacity', 'presence')
  end
  has_hands_free(about[1], about[2], {})
elseif redis.call('HGET', agent, 'lease') ~= 'alive' then
  refuse('no-capacity', 'presence')
end
made = (tonumber(field('legs')) or 0) + 1
local side_leg = contact_id .. '.l' .. made
local side = { state = '', rev = 0, role = role, agent = agent_id, ends_at = ends_at }
side_move(side_leg, side, 'connect')
if role ~= 'consult' then
  side_move(side_leg, side, 'connected')
end

redis.call('HSET', work, side_leg, side_item(role))
keep_side(side_leg, side)
redis.call('ZADD', deadlines, look_at, 'side:' .. side_leg)
local n = append(extend(data, '"leg":"' .. side_leg .. '",' .. side_part(side_leg, side)))
return finish(n, 'legs', made)
