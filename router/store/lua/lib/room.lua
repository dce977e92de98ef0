-- Whether an agent's work leaves room for one more of a channel; the same rule as router/matching.py has_room.
local function has_room(entries, form, capacity, channel, medium)
  local is_live = medium ~= 'written'
  if (form == 'live' and not is_live) or (form == 'written' and is_live) then
    return false
  end
  local same = 0
  for _, item in ipairs(entries) do
    local held, held_medium, kind = string.match(item, '^([^:]+):([^:]+):([^:]+)$')
    local is_written = held_medium == 'written'
    if not is_written and (held_medium ~= 'messaging' or medium ~= 'messaging') then
      return false
    end
    if is_written and is_live and kind ~= 'offer' then
      return false
    end
    if held == channel then
      same = same + 1
    end
  end
  return same < capacity
end
