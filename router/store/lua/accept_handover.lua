-- The unit takes the handover: from here it owes the resident an answer by the agreed time.
-- keys: contact deadlines seq journal
-- args: now_ms cmd contact_id handover_id finish_by data
-- moves: handover.accept case.start
-- replies: n, contact revision
-- include: journal contact handover
if repeated or (agreed[1] == handover_id and handover_state == 'accepted') then
  return repeated or { 0, rev }
end
is_current(handover_id)
handover_move('accept')
case_move('start')

redis.call('ZADD', deadlines, finish_by, 'handover:' .. contact_id)
return finish_handover_step(append(data))
