-- The contact is handed over to a unit, by the agent who has it or from its queue: ownership moves, a case is opened,
-- the unit's clock starts.
-- keys: contact agent work bucket deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int unit accept_by terms data
-- rest: the contact's new fields and values, none unless it was decided about anew
-- moves: leg.end contact.hand_over handover.offer case.open callback.keep callback.supersede presence.go_away presence.go_offline
-- replies: n, contact revision, handover number
-- include: journal contact leg presence callback
if repeated then
  return repeated
end
fence(expected)
fence_generation(rest)
if state == 'queued' and agent_id == '' then
  in_bucket()
else
  owned_by(agent_id)
end
made = (tonumber(field('handovers')) or 0) + 1
local handover_id = contact_id .. '.h' .. made
if state == 'with_agent' then
  leg_move('end')
  data = extend(data, '"leg":"' .. leg_id .. '"')
end
keep_promise()
if callback_state == 'due' then
  -- The unit's word takes the place of the call.
  callback_move('supersede')
end
local after = move('contact', contact_id, rev + 1, state, 'hand_over')
local offered = move('handover', handover_id, 1, '', 'offer')
local case_id = contact_id .. '.k' .. made
local opened = move('case', case_id, 1, '', 'open')
local drained = agent_id ~= '' and drained_event(contact_id)
local presence = drained and presence_move(drained)

rev = rev + 1
redis.call('ZREM', bucket, contact_id)
if agent_id ~= '' then
  redis.call('HDEL', work, contact_id)
  redis.call('HSET', agent, 'idle_since', now_ms)
end
redis.call('ZREM', deadlines, 'leg:' .. contact_id, 'orphan:' .. contact_id, 'contact:' .. contact_id, 'parked:' .. contact_id)
redis.call('ZADD', deadlines, accept_by, 'handover:' .. contact_id)
if callback_id then
  keep_callback('')
end
if presence then
  presence_set(presence, shown[4] or '')
end
local undo = after .. ' ' .. now_ms .. ' ' .. agent_id
if #ARGV >= rest then
  -- What a decision has done, no click undoes.
  undo = ''
  redis.call('HSET', contact, unpack(ARGV, rest, #ARGV))
end
local n = append(extend(data, '"handover":"' .. handover_id .. '","case":"' .. case_id .. '"'))
return finish(n, 'state', after, 'rev', rev, 'leg_state', leg_state or '', 'leg_rev', leg_rev, 'agent', '',
  'handovers', made, 'handover', handover_id, 'handover_state', offered, 'handover_rev', 1, 'unit', unit, 'terms', terms,
  'case', case_id, 'case_state', opened, 'case_rev', 1, 'undo', undo)
