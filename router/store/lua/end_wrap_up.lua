-- Wrap-up is over without outcomes, by the agent's word or by the limit: the matter stays uncoded.
-- keys: contact agent work deadlines seq journal
-- args: now_ms cmd contact_id agent_id is_forced:int data
-- moves: leg.end contact.close callback.keep presence.go_away presence.go_offline
-- replies: n, contact revision
-- include: journal contact leg presence callback close
if repeated then
  return repeated
end
fence(-1)
owned_by(agent_id)
if leg_state ~= 'wrapping_up' or (is_forced == 1 and (tonumber(field('leg_until')) or 0) > now_ms) then
  refuse('transition-refused', 'leg ' .. tostring(leg_state) .. ' end_wrap_up')
end
return close(data)
