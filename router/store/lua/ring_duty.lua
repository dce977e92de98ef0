-- Nobody took the handover in time: the next of its duty chain is asked, from now until `accept_by`.
-- keys: contact deadlines seq journal
-- args: now_ms cmd contact_id handover_id unit accept_by terms duty data
-- moves: handover.ring
-- replies: n, contact revision
-- include: journal contact handover
if repeated then
  return repeated
end
is_current(handover_id)
local due = redis.call('ZSCORE', deadlines, 'handover:' .. contact_id)
if not due or tonumber(due) > now_ms then
  refuse('transition-refused', 'ring not over')
end
handover_move('ring')

redis.call('ZADD', deadlines, accept_by, 'handover:' .. contact_id)
return finish_handover_step(append(data), 'unit', unit, 'terms', terms, 'duty', duty)
