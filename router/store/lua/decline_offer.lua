-- The agent says no: the contact returns to its place, and remembers until when they are not asked again; too many live
-- declines in a row set the agent away.
-- keys: contact agent work bucket deadlines seq journal
-- args: now_ms cmd contact_id agent_id offer_id expected:int max_declines:int asked_again_at:int data
-- moves: offer.decline contact.withdraw presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact presence withdraw declined
if repeated then
  return repeated
end
if offered[1] ~= offer_id then
  refuse('offer-gone', offer_id)
end
if offered[2] ~= agent_id then
  refuse('not-yours', offer_id)
end
fence(expected)
withdraw('decline', offer_id)
local declines = (tonumber(redis.call('HGET', agent, 'declines')) or 0) + 1
local away = max_declines > 0 and declines >= max_declines and shown[1] == 'available' and presence_move('go_away')

local declined = declined_with(asked_again_at, agent_id)
restore()
redis.call('HSET', contact, 'declined', declined)
redis.call('HSET', agent, 'declines', away and 0 or declines)
if away then
  presence_set(away, 'declined')
end
return finish(append(data, offered[4]))
