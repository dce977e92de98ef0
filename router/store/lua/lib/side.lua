-- The legs beside the owner's: leg id -> `state rev role agent until`. A side leg's work item has the leg's own id.
local about = redis.call('HMGET', contact, 'channel', 'medium')

local function side_of(id)
  local held = redis.call('HGET', sides, id)
  if not state or not held then
    refuse('not-found', 'leg')
  end
  local side_state, side_rev, role, who, until_ms = string.match(held, '^(%S+) (%d+) (%S+) (.+) (%d+)$')
  return { state = side_state, rev = tonumber(side_rev), role = role, agent = who, ends_at = tonumber(until_ms) }
end

local function side_move(id, side, event)
  side.rev = side.rev + 1
  side.state = move('leg', id, side.rev, side.state, event)
end

local function side_item(kind)
  return about[1] .. ':' .. about[2] .. ':' .. kind
end

local function keep_side(id, side)
  redis.call('HSET', sides, id, side.state .. ' ' .. side.rev .. ' ' .. side.role .. ' ' .. side.agent .. ' ' .. side.ends_at)
end

local function drop_side(id)
  redis.call('HDEL', sides, id)
  redis.call('ZREM', deadlines, 'side:' .. id)
end

local function side_part(id, side)
  return '"side":{"leg":"' .. id .. '","agent":"' .. side.agent .. '","role":"' .. side.role .. '","channel":"' .. about[1]
    .. '","medium":"' .. about[2] .. '","until":' .. side.ends_at .. '}'
end

-- The owner's leg as the wrap-up beside that is left of it when the contact goes on without its owner.
local function owner_wraps_up(id, agent_id, ends_at)
  if leg_state == 'wrapping_up' and about[2] ~= 'written' then
    refuse('transition-refused', 'leg wrapping_up transfer')
  end
  leg_move(leg_state == 'wrapping_up' and 'extend' or 'wrap_up')
  return { state = leg_state, rev = leg_rev, role = 'wrap', agent = agent_id, ends_at = ends_at }
end
