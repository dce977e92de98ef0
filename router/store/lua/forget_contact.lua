-- A contact that is over and stored in every register leaves the store, once nobody wraps up beside it any more and its
-- agent can't undo the end any more and everything written to the resident is sent.
-- keys: contact content sides faults
-- args: now_ms contact_id
-- moves:
-- replies: 1 when it left, 0 when there is nothing to forget, -1 when it must be tried again later
local held = redis.call('HMGET', contact, 'state', 'closed_at', 'owing')
local state = held[1]
if state == 'closed' or state == 'abandoned' or state == 'cancelled' then
  if (tonumber(held[2]) or 0) + 15000 > now_ms or redis.call('EXISTS', sides) == 1 or (tonumber(held[3]) or 0) > 0 then
    return { -1 }
  end
  redis.call('DEL', contact, content)
  redis.call('ZREM', faults, contact_id)
  return { 1 }
end
if not state then
  redis.call('DEL', content)
  redis.call('ZREM', faults, contact_id)
end
return { 0 }
