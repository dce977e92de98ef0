-- An agent who has room takes a queued contact of their own accord; nobody offered it. A callback is
-- offered only: calling somebody takes an answer.
-- keys: contact agent work bucket deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int setup_until:int data
-- moves: contact.pull leg.connect leg.connected
-- replies: n, contact revision, leg number
-- include: journal contact leg room hands
if repeated then
  return repeated
end
fence(expected)
in_bucket()
local about = redis.call('HMGET', contact, 'channel', 'medium', 'callback_state')
if about[3] == 'due' then
  refuse('transition-refused', 'callback due pull_contact')
end
local presence = redis.call('HGET', agent, 'presence')
if presence ~= 'available' and presence ~= 'away' then
  refuse('no-capacity', 'presence')
end
has_hands_free(about[1], about[2], {})
local after = move('contact', contact_id, rev + 1, state, 'pull')
new_leg(setup_until)

rev = rev + 1
redis.call('ZREM', bucket, contact_id)
redis.call('ZREM', deadlines, 'contact:' .. contact_id)
await_setup(setup_until)
redis.call('HSET', work, contact_id, about[1] .. ':' .. about[2] .. ':leg')
local n = append(extend(data, '"leg":"' .. leg_id .. '"'))
return finish(n, 'state', after, 'rev', rev, 'agent', agent_id, 'offer', '', 'leg', leg_id, 'legs', made, 'leg_state', leg_state,
  'leg_rev', leg_rev, 'leg_offer', '', 'leg_since', now_ms)
