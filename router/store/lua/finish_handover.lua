-- The unit is done: the contact and its case are closed.
-- keys: contact deadlines seq journal
-- args: now_ms cmd contact_id handover_id data
-- moves: handover.finish contact.close case.close
-- replies: n, contact revision
-- include: journal contact handover
if repeated or (agreed[1] == handover_id and handover_state == 'done') then
  return repeated or { 0, rev }
end
is_current(handover_id)
handover_move('finish')
case_move('close')
local after = move('contact', contact_id, rev + 1, state, 'close')

rev = rev + 1
redis.call('ZREM', deadlines, 'handover:' .. contact_id)
return finish_handover_step(append(data), 'state', after, 'rev', rev, 'closed_at', now_ms)
