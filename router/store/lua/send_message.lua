-- An agent writes to the resident; the contact's channel delivers it.
-- keys: contact content seq journal
-- args: now_ms cmd contact_id agent_id number record data
-- rest: the contact's new fields and values
-- moves:
-- replies: n, contact revision
-- include: journal contact
if repeated then
  return repeated
end
fence(-1)
if field('agent') ~= agent_id or state == 'offered' then
  refuse('not-yours', contact_id)
end
if record ~= '' then
  is_free(number)
  redis.call('HSETNX', content, number, record)
  redis.call('HSET', contact, 'contents', number)
  redis.call('HDEL', content, 'draft')
end
if rest <= #ARGV then
  redis.call('HSET', contact, unpack(ARGV, rest, #ARGV))
end
return finish(append(data))
