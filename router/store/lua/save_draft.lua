-- Words that an agent has not sent yet, kept beside the content; never in the journal. No words: the draft is dropped.
-- keys: contact content
-- args: now_ms contact_id agent_id draft
-- moves:
-- replies: 1 when it was kept or dropped
local held = redis.call('HMGET', contact, 'state', 'agent')
if not held[1] then
  return redis.error_reply('SC not-found contact')
end
if held[2] ~= agent_id or (held[1] ~= 'with_agent' and held[1] ~= 'parked') then
  return redis.error_reply('SC not-yours ' .. contact_id)
end
if draft == '' then
  redis.call('HDEL', content, 'draft')
else
  redis.call('HSET', content, 'draft', draft)
end
return { 1 }
