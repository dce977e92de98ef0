-- Takes an offer back without blame: socket lost, presence changed, something more urgent taken, a supervisor's word.
-- keys: contact agent work bucket deadlines seq journal
-- args: now_ms cmd contact_id agent_id offer_id asked_again_at:int data
-- moves: offer.revoke contact.withdraw presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact presence withdraw declined
if repeated then
  return repeated
end
if offered[2] ~= agent_id then
  refuse('offer-gone', offer_id)
end
withdraw('revoke', offer_id)
local declined = asked_again_at > 0 and declined_with(asked_again_at, agent_id)

restore()
if declined then
  redis.call('HSET', contact, 'declined', declined)
end
return finish(append(data, offered[4]))
