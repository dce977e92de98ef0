-- Whether an agent's work leaves room for one more of a channel; the same rule as router/eligibility.py has_room.
local function has_room(entries, form, capacity, channel, medium, can_interrupt)
  local is_live = medium ~= 'written'
  if (form == 'live' and not is_live) or (form == 'written' and is_live) then
    return false
  end
  local same = 0
  for _, item in ipairs(entries) do
    local held, held_medium, kind = string.match(item, '^([^:]+):([^:]+):([^:]+)$')
    if kind ~= 'parked' then
      local is_written = held_medium == 'written'
      if not is_written and (held_medium ~= 'messaging' or medium ~= 'messaging') then
        return false
      end
      local gives_way = kind == 'offer' or kind == 'interrupted' or (can_interrupt and kind == 'leg')
      if is_written and is_live and not gives_way then
        return false
      end
      if held == channel then
        same = same + 1
      end
    end
  end
  return same < capacity
end
