-- The agent takes parked work up again: a new leg begins.
-- keys: contact agent work deadlines seq journal
-- args: now_ms cmd contact_id agent_id data
-- moves: contact.resume leg.connect leg.connected
-- replies: n, contact revision, leg number
-- include: journal contact leg room hands
if repeated then
  return repeated
end
fence(-1)
owned_by(agent_id)
local after = move('contact', contact_id, rev + 1, state, 'resume')
local about = redis.call('HMGET', contact, 'channel', 'medium', 'legs')
has_hands_free(about[1], about[2], { [contact_id] = true })
made = (tonumber(about[3]) or 0) + 1
leg_id, leg_rev, leg_state = contact_id .. '.l' .. made, 0, ''
leg_move('connect')
leg_move('connected')

rev = rev + 1
redis.call('HSET', work, contact_id, about[1] .. ':' .. about[2] .. ':leg')
redis.call('ZREM', deadlines, 'parked:' .. contact_id, 'orphan:' .. contact_id)
local n = append(extend(data, '"leg":"' .. leg_id .. '"'))
return finish(n, 'state', after, 'rev', rev, 'leg', leg_id, 'legs', made, 'leg_state', leg_state, 'leg_rev', leg_rev,
  'leg_offer', '', 'leg_since', now_ms, 'parked_until', 0)
