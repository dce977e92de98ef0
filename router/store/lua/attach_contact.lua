-- Another contact of the same matter is answered as one with the contact in hand; a callback in it is superseded. Its
-- words stay readable beside those of the contact in hand while that one lasts, unless they are kept from it.
-- keys: contact content work to_contact to_content bucket deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int to_id shows:int data
-- moves: contact.attach contact.supersede callback.supersede callback.keep
-- replies: n, contact revision
-- include: journal contact callback
if repeated then
  return repeated
end
fence(expected)
if (field('agent') or '') ~= agent_id then
  refuse('stale-revision', tostring(rev))
end
local is_waiting = callback_state == 'promised' or callback_state == 'due' or callback_state == 'no_answer'
local after = move('contact', contact_id, rev + 1, state, state == 'callback' and 'supersede' or 'attach')
keep_promise()
if is_waiting then
  callback_move('supersede')
  data = extend(data, '"callback":"' .. callback_id .. '"')
end
if state == 'queued' then
  in_bucket()
end

rev = rev + 1
redis.call('ZREM', bucket, contact_id)
redis.call('HDEL', work, contact_id)
redis.call('ZREM', deadlines, 'contact:' .. contact_id, 'parked:' .. contact_id, 'orphan:' .. contact_id, 'callback:' .. contact_id)
if callback_id then
  keep_callback('')
end
if shows == 1 and redis.call('EXISTS', to_contact) == 1 then
  local words = redis.call('HGETALL', content)
  for i = 1, #words, 2 do
    local name = tonumber(words[i]) and contact_id .. ':' .. words[i] or words[i]
    if name ~= 'draft' then
      redis.call('HSETNX', to_content, name, words[i + 1])
      redis.call('HSET', to_contact, 'has_attached', 1)
    end
  end
end
return finish(append(data), 'state', after, 'rev', rev, 'attached_to', to_id, 'closed_at', now_ms)
