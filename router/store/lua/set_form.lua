-- Which work the agent takes now: live, written or both.
-- keys: agent seq journal
-- args: now_ms agent_id form data
-- moves:
-- replies: n (0 when it is so already)
-- include: journal
local known = redis.call('HGET', agent, 'form')
if not known then
  refuse('not-found', 'agent')
end
if known == form then
  return { 0 }
end
redis.call('HSET', agent, 'form', form)
return { append(data) }
