-- Takes an offer back without blame: socket lost, presence changed, something more urgent taken.
-- keys: contact agent work bucket deadlines seq journal
-- args: now_ms cmd contact_id agent_id offer_id data
-- moves: offer.revoke contact.withdraw presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact presence withdraw
if repeated then
  return repeated
end
if offered[2] ~= agent_id then
  refuse('offer-gone', offer_id)
end
withdraw('revoke', offer_id)

restore()
return finish(append(data, offered[4]))
