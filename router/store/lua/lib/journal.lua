-- Validates moves against the rows that were set before this text from router/lifecycle.py, and appends the one entry.
-- Nothing may be written before the last `move`: there is no rollback.
local transitions = {}

local function refuse(slug, detail)
  error({ err = 'SC ' .. slug .. ' ' .. (detail or '') })
end

local function move(machine, id, rev, before, event)
  local row = moves[machine .. '.' .. event]
  local after = row and row[before]
  if not after then
    refuse('transition-refused', machine .. ' ' .. tostring(before) .. ' ' .. event)
  end
  transitions[#transitions + 1] = '["' .. machine .. '","' .. id .. '",' .. rev .. ',"' .. before .. '","' .. event .. '","' .. after .. '"]'
  return after
end

local function extend(data, pairs)
  if data == '{}' then
    return '{' .. pairs .. '}'
  end
  return string.sub(data, 1, -2) .. ',' .. pairs .. '}'
end

local function append(data, placed)
  local n = redis.call('INCR', seq)
  local entry = '{"v":1,"n":' .. n .. ',"at":' .. now_ms .. ',"command":"' .. command .. '","transitions":[' .. table.concat(transitions, ',') .. '],"data":' .. data
  if placed then
    entry = entry .. ',"placed":' .. placed
  end
  redis.call('XADD', journal, n .. '-0', 'e', entry .. '}')
  return n
end
