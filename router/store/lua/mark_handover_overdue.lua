-- The unit's time has passed: flags the handover, once for each deadline, and sets the next reminder.
-- keys: contact deadlines seq journal
-- args: now_ms cmd contact_id handover_id next_at data
-- moves: handover.mark_overdue
-- replies: n, contact revision
-- include: journal contact handover
if repeated then
  return repeated
end
is_current(handover_id)
local due = redis.call('ZSCORE', deadlines, 'handover:' .. contact_id)
if not due or tonumber(due) > now_ms then
  refuse('transition-refused', 'handover not overdue')
end
handover_move('mark_overdue')

redis.call('ZADD', deadlines, next_at, 'handover:' .. contact_id)
local missed = (tonumber(redis.call('HGET', contact, 'handover_overdue')) or 0) + 1
return finish_handover_step(append(data), 'handover_overdue', missed)
