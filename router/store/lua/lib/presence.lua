-- Moves an agent's presence; every contact command that touches an agent reads it first.
local shown = redis.call('HMGET', agent, 'presence', 'rev', 'next', 'next_reason')

local function presence_move(event)
  return move('presence', agent_id, (tonumber(shown[2]) or 0) + 1, shown[1] or '', event)
end

local function presence_set(after, reason)
  redis.call('HSET', agent, 'presence', after, 'rev', (tonumber(shown[2]) or 0) + 1, 'reason', reason, 'since', now_ms, 'next', '', 'next_reason', '')
end

-- A draining agent whose last work ends goes where it was bound; what is parked keeps nobody.
local function drained_event(contact_id)
  if shown[1] ~= 'draining' then
    return nil
  end
  local held = redis.call('HGETALL', work)
  for i = 1, #held, 2 do
    if held[i] ~= contact_id and not string.find(held[i + 1], ':parked', 1, true) then
      return nil
    end
  end
  return shown[3] == 'offline' and 'go_offline' or 'go_away'
end
