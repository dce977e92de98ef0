-- An agent says that it is not this person: nobody is known any more, and what was shown as theirs is not.
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
end
if rest <= #ARGV then
  redis.call('HSET', contact, unpack(ARGV, rest, #ARGV))
end
return finish(append(data))
