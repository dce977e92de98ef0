-- Reads the owner leg of the contact and checks whose it is.
local own = redis.call('HMGET', contact, 'leg', 'leg_state', 'leg_rev', 'agent')
local leg_id, leg_state, leg_rev = own[1], own[2], tonumber(own[3]) or 0

local function owned_by(agent_id)
  if own[4] ~= agent_id then
    refuse('not-yours', contact_id)
  end
end

local function leg_move(event)
  leg_rev = leg_rev + 1
  leg_state = move('leg', leg_id, leg_rev, leg_state, event)
end
