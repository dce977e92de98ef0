-- A contact that is over and stored in every register leaves the store.
-- keys: contact content
-- args: now_ms
-- moves:
-- replies: 1 when it left
local state = redis.call('HGET', contact, 'state')
if state == 'closed' or state == 'abandoned' or state == 'cancelled' then
  redis.call('DEL', contact, content)
  return { 1 }
end
if not state then
  redis.call('DEL', content)
end
return { 0 }
