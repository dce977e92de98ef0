-- The agent's socket is gone: no new offers, and a grace period before the lease is lost.
-- keys: agent sessions deadlines seq journal
-- args: now_ms agent_id session grace_until data
-- moves:
-- replies: n (0 when another socket has taken over)
-- include: journal
local held = redis.call('HGET', agent, 'session') or ''
if held ~= session then
  if string.match(held, '^[^/]*') ~= string.match(session, '^[^/]*') then
    redis.call('SREM', sessions, agent_id)
  end
  return { 0 }
end
redis.call('HSET', agent, 'connected', 0, 'session', '')
redis.call('SREM', sessions, agent_id)
redis.call('ZADD', deadlines, grace_until, 'session:' .. agent_id)
return { append(data) }
