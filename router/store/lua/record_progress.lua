-- What a department or a message provider reports about a contact; changes no state.
-- keys: contact content event seq journal
-- args: now_ms cmd contact_id body_sha event_ttl:int number record data
-- moves:
-- replies: n, contact id
-- include: journal contact
local accepted = redis.call('GET', event)
if accepted then
  local id, sha = string.match(accepted, '^(%S+) (%S+)$')
  if sha ~= body_sha then
    refuse('event-conflict', id)
  end
  return { 0, id }
end
fence(-1)
if record ~= '' then
  is_free(number)
end

redis.call('SET', event, contact_id .. ' ' .. body_sha, 'PX', event_ttl)
if record ~= '' then
  redis.call('HSETNX', content, number, record)
  redis.call('HSET', contact, 'contents', number)
end
return { append(data), contact_id }
