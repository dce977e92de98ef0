-- Whether an agent at their desk has room for one contact more, besides what `left_out` names.
local function has_hands_free(channel, medium, left_out)
  local who = redis.call('HMGET', agent, 'lease', 'connected', 'cap:' .. channel)
  if who[1] ~= 'alive' or who[2] ~= '1' then
    refuse('no-capacity', 'presence')
  end
  local held, entries = redis.call('HGETALL', work), {}
  for i = 1, #held, 2 do
    if not left_out[held[i]] then
      entries[#entries + 1] = held[i + 1]
    end
  end
  if not has_room(entries, 'both', tonumber(who[3]) or 0, channel, medium) then
    refuse('no-capacity', 'capacity')
  end
end
