-- The agent ends the work with an outcome for each matter; the contact is closed.
-- keys: contact agent work deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int data
-- moves: leg.end contact.close callback.keep presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact leg presence callback close
if repeated then
  return repeated
end
fence(expected)
owned_by(agent_id)
return close(data)
