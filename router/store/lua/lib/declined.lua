-- Who is not asked about a contact again for a while, kept with it for a leader to come: lines of `until agent`.
local function declined_with(until_ms, who)
  local kept = ''
  for other_ms, other in string.gmatch(field('declined') or '', '(%d+) ([^\n]+)\n') do
    if tonumber(other_ms) > now_ms and other ~= who then
      kept = kept .. other_ms .. ' ' .. other .. '\n'
    end
  end
  if until_ms > now_ms then
    kept = kept .. until_ms .. ' ' .. who .. '\n'
  end
  return kept
end
