-- An agent's desktop has connected: the lease is alive, work in hand stays; an older socket of the same agent is replaced.
-- keys: agent work sessions deadlines seq journal
-- args: now_ms agent_id session data
-- moves: lease.take
-- replies: n (0 when this socket is known already), session replaced or ''
-- include: journal
local held = redis.call('HMGET', agent, 'lease', 'lease_rev', 'session', 'presence')
if not held[4] then
  refuse('not-found', 'agent')
end
if held[1] == 'alive' and held[3] == session then
  return { 0, '' }
end
local lease_rev = (tonumber(held[2]) or 0) + 1
local after = move('lease', agent_id, lease_rev, held[1] or '', 'take')

redis.call('HSET', agent, 'lease', after, 'lease_rev', lease_rev, 'session', session, 'connected', 1)
redis.call('SADD', sessions, agent_id)
redis.call('ZREM', deadlines, 'session:' .. agent_id)
for _, contact_id in ipairs(redis.call('HKEYS', work)) do
  redis.call('ZREM', deadlines, 'orphan:' .. contact_id)
end
return { append(data), held[3] or '' }
