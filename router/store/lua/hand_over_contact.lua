-- The agent hands the contact over to a unit: ownership moves, a case is opened, the unit's clock starts.
-- keys: contact agent work deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int unit accept_by terms data
-- moves: leg.end contact.hand_over handover.offer case.open presence.go_away presence.go_offline
-- replies: n, contact revision, handover number
-- include: journal contact leg presence
if repeated then
  return repeated
end
fence(expected)
owned_by(agent_id)
made = (tonumber(field('handovers')) or 0) + 1
local handover_id = contact_id .. '.h' .. made
leg_move('end')
local after = move('contact', contact_id, rev + 1, state, 'hand_over')
local offered = move('handover', handover_id, 1, '', 'offer')
local case_id = contact_id .. '.k' .. made
local opened = move('case', case_id, 1, '', 'open')
local drained = drained_event(contact_id)
local presence = drained and presence_move(drained)

rev = rev + 1
redis.call('HDEL', work, contact_id)
redis.call('HSET', agent, 'idle_since', now_ms)
redis.call('ZREM', deadlines, 'leg:' .. contact_id, 'orphan:' .. contact_id)
redis.call('ZADD', deadlines, accept_by, 'handover:' .. contact_id)
if presence then
  presence_set(presence, shown[4] or '')
end
local n = append(extend(data, '"leg":"' .. leg_id .. '","handover":"' .. handover_id .. '","case":"' .. case_id .. '"'))
return finish(n, 'state', after, 'rev', rev, 'leg_state', leg_state, 'leg_rev', leg_rev, 'agent', '',
  'handovers', made, 'handover', handover_id, 'handover_state', offered, 'handover_rev', 1, 'unit', unit, 'terms', terms,
  'case', case_id, 'case_state', opened, 'case_rev', 1)
