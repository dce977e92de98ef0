-- Nobody answered in time: the contact returns to its place. An unanswered live offer sets the agent away, an
-- unanswered written one cools that medium down for them.
-- keys: contact agent work bucket deadlines seq journal
-- args: now_ms cmd contact_id agent_id offer_id medium cool_until data
-- moves: offer.expire contact.withdraw presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact presence withdraw
if repeated then
  return repeated
end
if offered[2] ~= agent_id or (tonumber(field('expires_at')) or 0) > now_ms then
  refuse('offer-gone', offer_id)
end
withdraw('expire', offer_id)
local away = medium ~= 'written' and shown[1] == 'available' and presence_move('go_away')

restore()
if away then
  presence_set(away, 'not_responding')
elseif medium == 'written' then
  redis.call('HSET', agent, 'cool:written', cool_until)
end
return finish(append(data, offered[4]))
