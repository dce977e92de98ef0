-- Ends the owner leg, closes the contact and frees the agent; shared by finish_work and end_wrap_up.
local function close(data)
  leg_move('end')
  keep_promise()
  local after = move('contact', contact_id, rev + 1, state, 'close')
  local drained = drained_event(contact_id)
  local presence = drained and presence_move(drained)

  rev = rev + 1
  if callback_id then
    keep_callback('')
  end
  redis.call('HDEL', work, contact_id)
  redis.call('HSET', agent, 'idle_since', now_ms)
  redis.call('ZREM', deadlines, 'leg:' .. contact_id, 'orphan:' .. contact_id)
  if presence then
    presence_set(presence, shown[4] or '')
  end
  local n = append(extend(data, '"leg":"' .. leg_id .. '"'))
  return finish(n, 'state', after, 'rev', rev, 'leg_state', leg_state, 'leg_rev', leg_rev, 'closed_at', now_ms,
    'undo', after .. ' ' .. now_ms .. ' ' .. agent_id)
end
