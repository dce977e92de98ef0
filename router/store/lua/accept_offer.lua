-- The agent takes the offer: the contact is theirs and an owner leg begins; the resident of a callback is called now.
-- keys: contact agent work deadlines seq journal
-- args: now_ms cmd contact_id agent_id offer_id expected:int setup_until:int data
-- moves: offer.accept contact.accept leg.connect leg.connected callback.dial
-- replies: n, contact revision, leg number, 1 when the agent holds a written offer beside
-- include: journal contact callback
local held = redis.call('HMGET', contact, 'offer', 'agent', 'legs', 'channel', 'medium', 'leg_offer')
local beside = 0
local in_hand = redis.call('HGETALL', work)
for i = 1, #in_hand, 2 do
  if in_hand[i] ~= contact_id and string.find(in_hand[i + 1], ':written:offer', 1, true) then
    beside = 1
  end
end
if repeated or (held[6] == offer_id and held[2] == agent_id and state == 'with_agent') then
  local reply = repeated or { 0, rev, tonumber(held[3]) }
  return { reply[1], reply[2], reply[3], beside }
end
if not state or held[1] ~= offer_id then
  refuse('offer-gone', offer_id)
end
if held[2] ~= agent_id then
  refuse('not-yours', offer_id)
end
if state ~= 'offered' then
  refuse('offer-gone', offer_id)
end
fence(expected)
if redis.call('HGET', agent, 'lease') ~= 'alive' then
  refuse('offer-gone', offer_id)
end
made = (tonumber(held[3]) or 0) + 1
local leg_id = contact_id .. '.l' .. made
local item = held[4] .. ':' .. held[5] .. ':leg'
move('offer', offer_id, 2, 'issued', 'accept')
local after = move('contact', contact_id, rev + 1, state, 'accept')
local leg_state, leg_rev = move('leg', leg_id, 1, '', 'connect'), 1
local is_callback = callback_state == 'due'
if is_callback then
  callback_move('dial')
  data = extend(data, '"callback":"' .. callback_id .. '"')
elseif setup_until == 0 then
  leg_state, leg_rev = move('leg', leg_id, 2, leg_state, 'connected'), 2
end

rev = rev + 1
redis.call('ZREM', deadlines, 'offer:' .. contact_id)
if leg_state == 'connecting' and setup_until > 0 then
  redis.call('ZADD', deadlines, setup_until, 'setup:' .. contact_id)
end
redis.call('HSET', work, contact_id, item)
redis.call('HSET', agent, 'declines', 0)
if is_callback then
  keep_callback('')
end
-- Whoever counts the journal may not have seen the contact come.
local what = '","channel":"' .. held[4] .. '","medium":"' .. held[5] .. '"'
local n = append(extend(data, '"leg":"' .. leg_id .. what))
finish(n, 'state', after, 'rev', rev, 'leg', leg_id, 'legs', made, 'leg_state', leg_state, 'leg_rev', leg_rev, 'leg_offer', offer_id, 'leg_since', now_ms)
return { n, rev, made, beside }
