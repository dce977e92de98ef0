-- Offers a queued contact to an agent who may and can take it now; `profile_n` is the entry of the profile that the plan
-- was made with, -1 for none in particular.
-- keys: contact agent work bucket deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int profile_n:int expires_at channel medium data
-- moves: contact.offer offer.issue
-- replies: n, contact revision, offer number
-- include: journal contact room
if repeated then
  return repeated
end
fence(expected)
in_bucket()
local who = redis.call('HMGET', agent, 'presence', 'lease', 'connected', 'form', 'cap:' .. channel, 'cool:' .. medium, 'interrupts', 'profile_n')
if who[1] ~= 'available' or who[2] ~= 'alive' or who[3] ~= '1' then
  refuse('no-capacity', 'presence')
end
if profile_n >= 0 and (tonumber(who[8]) or 0) ~= profile_n then
  refuse('no-capacity', 'profile')
end
if (tonumber(who[6]) or 0) > now_ms then
  refuse('no-capacity', 'cooling_down')
end
if not has_room(redis.call('HVALS', work), who[4], tonumber(who[5]) or 0, channel, medium, who[7] == '1') then
  refuse('no-capacity', 'capacity')
end
made = (tonumber(field('offers')) or 0) + 1
local offer_id = contact_id .. '.o' .. made
local after = move('contact', contact_id, rev + 1, state, 'offer')
move('offer', offer_id, 1, '', 'issue')

rev = rev + 1
redis.call('ZREM', bucket, contact_id)
redis.call('ZREM', deadlines, 'contact:' .. contact_id)
redis.call('ZADD', deadlines, expires_at, 'offer:' .. contact_id)
redis.call('HSET', work, contact_id, channel .. ':' .. medium .. ':offer')
local n = append(extend(data, '"offer":"' .. offer_id .. '"'))
return finish(n, 'state', after, 'rev', rev, 'offer', offer_id, 'offers', made, 'agent', agent_id, 'expires_at', expires_at, 'stranded_at', 0)
