-- An answered contact that nobody came back to is over.
-- keys: contact deadlines seq journal
-- args: now_ms cmd contact_id data
-- moves: contact.close
-- replies: n, contact revision
-- include: journal contact
if repeated then
  return repeated
end
fence(-1)
local due = redis.call('ZSCORE', deadlines, 'contact:' .. contact_id)
if state ~= 'answered' or not due or tonumber(due) > now_ms then
  refuse('transition-refused', 'contact ' .. tostring(state) .. ' close_contact')
end
local after = move('contact', contact_id, rev + 1, state, 'close')

rev = rev + 1
redis.call('ZREM', deadlines, 'contact:' .. contact_id)
return finish(append(data), 'state', after, 'rev', rev, 'closed_at', now_ms)
