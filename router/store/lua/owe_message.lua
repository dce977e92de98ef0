-- Words of the service's own for the resident: each kind once, owed until they are sent.
-- keys: contact content deadlines seq journal
-- args: now_ms cmd contact_id kind number record data
-- moves: sending.owe
-- replies: n (0 when this kind was owed before), contact revision, number of the record
-- include: journal contact sending
if repeated then
  return repeated
end
fence(-1)
local before = field('said:' .. kind)
if before then
  return { 0, rev, tonumber(before) }
end
is_free(number)
local owed = owe_sending(number)

redis.call('HSETNX', content, number, record)
redis.call('HSET', contact, 'contents', number, 'said:' .. kind, number)
keep_owed(number, owed)
made = tonumber(number)
return finish(append(data))
