-- What became of words that were owed: sent, put off until later, delivered, or failed.
-- keys: contact deadlines seq journal
-- args: now_ms cmd contact_id number event retry_at:int data
-- moves: sending.send sending.put_off sending.deliver sending.fail
-- replies: n, contact revision
-- include: journal contact sending
if repeated then
  return repeated
end
fence(-1)
local was, was_rev = string.match(field('sending:' .. number) or '', '^(%S+) (%d+)$')
if not was then
  refuse('not-found', 'sending')
end
local after = move('sending', sending_id(number), tonumber(was_rev) + 1, was, event)

redis.call('HSET', contact, 'sending:' .. number, after .. ' ' .. (tonumber(was_rev) + 1))
if after == 'owed' then
  redis.call('ZADD', deadlines, retry_at, 'sending:' .. sending_id(number))
elseif was == 'owed' then
  redis.call('ZREM', deadlines, 'sending:' .. sending_id(number))
  redis.call('HINCRBY', contact, 'owing', -1)
end
return finish(append(data))
