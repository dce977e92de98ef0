-- Nobody calls at the promised time, the queue is closed then: promised anew, and the resident is owed a message about it.
-- keys: contact deadlines seq journal
-- args: now_ms cmd contact_id expected:int slot_at:int notice_kind data
-- moves: callback.fall_due callback.promise callback.keep closure_notice.owe
-- replies: n, contact revision
-- include: journal contact callback
if repeated then
  return repeated
end
fence(expected)
if state ~= 'callback' then
  refuse('transition-refused', 'contact ' .. state .. ' move_callback')
end
if callback_state == 'no_answer' then
  callback_move('fall_due')
end
promise()
owe(notice_kind)

redis.call('ZADD', deadlines, slot_at, 'callback:' .. contact_id)
keep_callback(notice_kind)
local n = append(extend(data, '"callback":"' .. callback_id .. '","until":' .. slot_at))
return finish(n, 'callback_at', slot_at)
