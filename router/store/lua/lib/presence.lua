-- Moves an agent's presence; every contact command that touches an agent reads it first.
local shown = redis.call('HMGET', agent, 'presence', 'rev', 'next', 'next_reason')

local function presence_move(event)
  return move('presence', agent_id, (tonumber(shown[2]) or 0) + 1, shown[1] or '', event)
end

local function presence_set(after, reason)
  redis.call('HSET', agent, 'presence', after, 'rev', (tonumber(shown[2]) or 0) + 1, 'reason', reason, 'since', now_ms, 'next', '', 'next_reason', '')
end

-- A draining agent whose last work ends goes where it was bound.
local function drained_event(contact_id)
  if shown[1] ~= 'draining' then
    return nil
  end
  local held = redis.call('HLEN', work)
  if held - redis.call('HEXISTS', work, contact_id) > 0 then
    return nil
  end
  return shown[3] == 'offline' and 'go_offline' or 'go_away'
end
