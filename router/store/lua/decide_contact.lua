-- Keeps a new decision about a contact without moving it: what it means is told to the agent, or waits for their word.
-- keys: contact seq journal
-- args: now_ms cmd contact_id expected:int data
-- rest: the contact's new fields and values
-- moves:
-- replies: n, contact revision
-- include: journal contact
if repeated then
  return repeated
end
fence(expected)
fence_generation(rest)
if state == 'closed' or state == 'abandoned' or state == 'cancelled' then
  refuse('transition-refused', 'contact ' .. state .. ' decide_contact')
end
redis.call('HSET', contact, unpack(ARGV, rest, #ARGV))
return finish(append(data))
