-- When a sweep looks at a waiting contact the next time: nothing has happened, so nothing is journaled.
-- keys: contact deadlines
-- args: now_ms contact_id at
-- moves:
-- replies: 1, or 0 when it waits no more
if redis.call('HGET', contact, 'state') ~= 'queued' then
  return { 0 }
end
redis.call('HSET', contact, 'wait_until', at)
redis.call('ZADD', deadlines, at, 'contact:' .. contact_id)
return { 1 }
