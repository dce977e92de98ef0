-- The agent says no: the contact returns to its place; too many live declines in a row set the agent away.
-- keys: contact agent work bucket deadlines seq journal
-- args: now_ms cmd contact_id agent_id offer_id expected:int max_declines:int data
-- moves: offer.decline contact.withdraw presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact presence withdraw
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

restore()
redis.call('HSET', agent, 'declines', away and 0 or declines)
if away then
  presence_set(away, 'declined')
end
return finish(append(data, offered[4]))
