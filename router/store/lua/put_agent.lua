-- Writes an agent's profile: name, teams, skills with levels, capacity per channel.
-- keys: agent agents seq journal
-- args: now_ms agent_id data
-- rest: the profile's fields and values
-- moves: presence.go_offline
-- replies: n (0 when nothing has changed)
-- include: journal
local known = redis.call('HGET', agent, 'presence')
local is_same = known
for i = rest, #ARGV, 2 do
  is_same = is_same and redis.call('HGET', agent, ARGV[i]) == ARGV[i + 1]
end
if is_same then
  return { 0 }
end
if not known then
  known = move('presence', agent_id, 1, '', 'go_offline')
  redis.call('HSET', agent, 'presence', known, 'rev', 1, 'form', 'both', 'lease', '', 'lease_rev', 0, 'connected', 0, 'idle_since', now_ms, 'since', now_ms, 'reason', '')
end
redis.call('HSET', agent, unpack(ARGV, rest, #ARGV))
redis.call('SADD', agents, agent_id)
local n = append(data)
redis.call('HSET', agent, 'profile_n', n)
return { n }
