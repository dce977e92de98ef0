-- The outcomes of a contact that is over are said anew, until the figure freezes; also when it has left the store.
-- `amended` lives as long as that: how often it happened, in which entry last, and the last four commands.
-- keys: contact amended seq journal
-- args: now_ms cmd agent_id expected:int freezes_at:int data
-- moves:
-- replies: n, how often its outcomes have been amended
-- include: journal
local count, last, done = string.match(redis.call('GET', amended) or '0 0 ', '^(%d+) (%d+) (.*)$')
count = tonumber(count)
local n, was = string.match(';' .. done, ';' .. cmd .. ' (%d+) (%d+);')
if n then
  return { tonumber(n), tonumber(was) }
end
local held = redis.call('HMGET', contact, 'state', 'agent')
if held[1] and held[1] ~= 'closed' and held[1] ~= 'handed_over' then
  refuse('transition-refused', 'contact ' .. held[1] .. ' amend_outcome')
end
if held[1] == 'closed' and held[2] and held[2] ~= '' and held[2] ~= agent_id then
  refuse('not-yours', 'contact')
end
if expected >= 0 and expected ~= count then
  refuse('stale-revision', tostring(count))
end
if now_ms >= freezes_at then
  refuse('outcome-frozen', tostring(freezes_at))
end

n = append(data)
local _, kept = string.gsub(done, ';', ';')
if kept >= 4 then
  done = string.match(done, ';(.*)$')
end
count = count + 1
redis.call('SET', amended, count .. ' ' .. n .. ' ' .. done .. cmd .. ' ' .. n .. ' ' .. count .. ';', 'PX', freezes_at - now_ms)
return { n, count }
