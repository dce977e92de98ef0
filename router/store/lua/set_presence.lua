-- The agent's availability; with after_current the agent drains until the last work has ended.
-- keys: agent work seq journal
-- args: now_ms agent_id event next reason data
-- moves: presence.go_available presence.go_away presence.drain presence.go_offline
-- replies: n (0 when it is so already), presence
-- include: journal presence
if not shown[1] then
  refuse('not-found', 'agent')
end
if event == 'drain' then
  local in_hand = 0
  for _, item in ipairs(redis.call('HVALS', work)) do
    in_hand = in_hand + (string.find(item, ':parked', 1, true) and 0 or 1)
  end
  if in_hand == 0 then
    event = next == 'offline' and 'go_offline' or 'go_away'
  end
end
local after = presence_move(event)
local now_shown = redis.call('HGET', agent, 'reason')
if after == shown[1] and reason == now_shown and (after ~= 'draining' or next == shown[3]) then
  return { 0, after }
end

presence_set(after, reason)
if after == 'draining' then
  redis.call('HSET', agent, 'next', next, 'next_reason', reason)
elseif after == 'available' then
  redis.call('HSET', agent, 'idle_since', now_ms, 'declines', 0)
end
return { append(data), after }
