-- The agent did not come back, or the router that held the socket died: offers are due for return at once, each leg
-- gets the time after which its contact returns to the queue. A leg beside another's ends; a wrap-up has its own limit.
-- keys: agent work sessions deadlines seq journal
-- args: now_ms agent_id router chat_until written_until voice_until data
-- moves: lease.lose presence.go_offline
-- replies: n (0 when the agent is back)
-- include: journal presence
local held = redis.call('HMGET', agent, 'lease', 'lease_rev', 'connected', 'session')
local holder = string.match(held[4] or '', '^([^/]*)/')
local is_lost = held[1] == 'alive' and (held[3] ~= '1' or holder == router)
local lease_rev = (tonumber(held[2]) or 0) + 1
local after = is_lost and move('lease', agent_id, lease_rev, held[1], 'lose')
local offline = is_lost and shown[1] ~= 'offline' and presence_move('go_offline')

redis.call('SREM', sessions, agent_id)
redis.call('ZREM', deadlines, 'session:' .. agent_id)
if not is_lost then
  return { 0 }
end
redis.call('HSET', agent, 'lease', after, 'lease_rev', lease_rev, 'connected', 0, 'session', '')
if offline then
  presence_set(offline, 'lease_lost')
end
local grace = { messaging = chat_until, written = written_until, voice = voice_until, in_person = voice_until }
local held_work = redis.call('HGETALL', work)
for i = 1, #held_work, 2 do
  local medium, kind = string.match(held_work[i + 1], '^[^:]+:([^:]+):([^:]+)$')
  if kind == 'offer' then
    redis.call('ZADD', deadlines, now_ms, 'offer:' .. held_work[i])
  elseif kind == 'consult' or kind == 'supervisor' then
    redis.call('ZADD', deadlines, now_ms, 'side:' .. held_work[i])
  elseif kind == 'parked' then
    redis.call('ZADD', deadlines, written_until, 'orphan:' .. held_work[i])
  elseif not string.find(held_work[i], '.', 1, true) then
    redis.call('ZADD', deadlines, grace[medium] or voice_until, 'orphan:' .. held_work[i])
  end
end
return { append(data) }
