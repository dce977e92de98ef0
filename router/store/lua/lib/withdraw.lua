-- Takes the live offer back and returns the contact to its place; shared by decline, expire and revoke. A draining
-- agent who held nothing else goes where they were bound.
local offered = redis.call('HMGET', contact, 'offer', 'agent', 'score', 'placed', 'wait_until')
local gone

local function withdraw(offer_event, offer_id)
  if offered[1] ~= offer_id or state ~= 'offered' then
    refuse('offer-gone', offer_id)
  end
  in_bucket()
  move('offer', offer_id, 2, 'issued', offer_event)
  move('contact', contact_id, rev + 1, state, 'withdraw')
  local drained = drained_event(contact_id)
  gone = drained and presence_move(drained)
end

local function restore()
  rev = rev + 1
  redis.call('HSET', contact, 'state', 'queued', 'rev', rev, 'agent', '', 'offer', '')
  redis.call('HDEL', work, contact_id)
  redis.call('ZADD', bucket, offered[3], contact_id)
  redis.call('ZREM', deadlines, 'offer:' .. contact_id)
  redis.call('ZADD', deadlines, offered[5], 'contact:' .. contact_id)
  if gone then
    presence_set(gone, shown[4] or '')
  end
end
