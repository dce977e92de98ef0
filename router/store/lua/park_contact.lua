-- The agent puts the work aside until a time, a reply or a unit's word: it stays theirs and takes no room.
-- keys: contact agent work deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int return_at:int data
-- rest: what the work waits for, as fields and values of the contact
-- moves: leg.end contact.park presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact leg presence
if repeated then
  return repeated
end
fence(expected)
owned_by(agent_id)
local about = redis.call('HMGET', contact, 'channel', 'medium')
leg_move('end')
local after = move('contact', contact_id, rev + 1, state, 'park')
local drained = drained_event(contact_id)
local presence = drained and presence_move(drained)

rev = rev + 1
redis.call('HSET', work, contact_id, about[1] .. ':' .. about[2] .. ':parked')
redis.call('HSET', agent, 'idle_since', now_ms)
redis.call('ZREM', deadlines, 'leg:' .. contact_id)
redis.call('ZADD', deadlines, return_at, 'parked:' .. contact_id)
if presence then
  presence_set(presence, shown[4] or '')
end
redis.call('HSET', contact, 'undo', after .. ' ' .. now_ms .. ' ' .. agent_id, unpack(ARGV, rest, #ARGV))
local n = append(extend(data, '"leg":"' .. leg_id .. '"'))
return finish(n, 'state', after, 'rev', rev, 'leg_state', leg_state, 'leg_rev', leg_rev, 'offer', '', 'parked_until', return_at)
