-- The agent takes back what they did a moment ago (finished, handed over, parked, passed on): the contact is with them again.
-- keys: contact agent work bucket sides deadlines seq journal
-- args: now_ms cmd contact_id agent_id since:int setup_until:int data
-- moves: contact.undo contact.resume contact.pull handover.withdraw case.close leg.connect leg.connected leg.end
-- replies: n, contact revision, leg number
-- include: journal contact leg side handover room hands
if repeated then
  return repeated
end
fence(-1)
local held = redis.call('HMGET', contact, 'undo', 'undo_leg')
local left_in, left_at, by = string.match(held[1] or '', '^(%S+) (%d+) (.+)$')
if by ~= agent_id then
  refuse('not-yours', contact_id)
end
if left_in ~= state or tonumber(left_at) < since then
  refuse('transition-refused', 'contact ' .. state .. ' undo_work')
end
local after = move('contact', contact_id, rev + 1, state, ({ parked = 'resume', queued = 'pull' })[state] or 'undo')
local wrap
local left_out = { [contact_id] = true }
if state == 'handed_over' then
  handover_move('withdraw')
  case_move('close')
  data = extend(data, '"handover":"' .. agreed[1] .. '","case":"' .. agreed[4] .. '"')
elseif state == 'queued' then
  in_bucket()
  if redis.call('HEXISTS', sides, held[2]) == 1 then
    wrap = held[2]
    local side = side_of(wrap)
    left_out[wrap] = true
    side_move(wrap, side, 'end')
    data = extend(data, side_part(wrap, side))
  end
end
has_hands_free(about[1], about[2], left_out)
new_leg(setup_until)

rev = rev + 1
redis.call('HSET', work, contact_id, side_item('leg'))
redis.call('ZREM', bucket, contact_id)
redis.call('ZREM', deadlines, 'contact:' .. contact_id, 'handover:' .. contact_id, 'parked:' .. contact_id, 'orphan:' .. contact_id)
await_setup(setup_until)
if wrap then
  redis.call('HDEL', work, wrap)
  drop_side(wrap)
end
if state == 'handed_over' then
  redis.call('HSET', contact, 'handover_state', handover_state, 'handover_rev', handover_rev, 'case_state', case_state, 'case_rev', case_rev, 'unit', '')
end
local n = append(extend(data, '"leg":"' .. leg_id .. '"'))
return finish(n, 'state', after, 'rev', rev, 'agent', agent_id, 'offer', '', 'leg', leg_id, 'legs', made, 'leg_state', leg_state,
  'leg_rev', leg_rev, 'leg_offer', '', 'leg_since', now_ms, 'leg_until', 0, 'closed_at', 0, 'parked_until', 0, 'undo', '')
