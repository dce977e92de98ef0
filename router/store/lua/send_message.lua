-- An agent writes to the resident. A channel that can't say at once that it arrived owes it until it is sent.
-- keys: contact content deadlines seq journal
-- args: now_ms cmd contact_id agent_id number record is_owed:int data
-- moves: sending.owe
-- replies: n, contact revision
-- include: journal contact sending
if repeated then
  return repeated
end
fence(-1)
if field('agent') ~= agent_id or state == 'offered' then
  refuse('not-yours', contact_id)
end
if record ~= '' then
  is_free(number)
end
local owed = is_owed == 1 and owe_sending(number)

if record ~= '' then
  redis.call('HSETNX', content, number, record)
  redis.call('HSET', contact, 'contents', number)
  redis.call('HDEL', content, 'draft')
end
if owed then
  keep_owed(number, owed)
end
return finish(append(data))
