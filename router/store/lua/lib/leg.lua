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

-- The owner's leg never connected: so has the offer failed that it came by, if it came by one.
local function setup_failed()
  local offer_id = redis.call('HGET', contact, 'leg_offer')
  if offer_id and offer_id ~= '' then
    move('offer', offer_id, 3, 'accepted', 'fail_setup')
  end
  leg_move('fail')
end

-- A leg of whoever has the contact from now on; with `setup_until` their phone has until then to be answered.
local function new_leg(setup_until)
  made = (tonumber(redis.call('HGET', contact, 'legs')) or 0) + 1
  leg_id, leg_rev, leg_state = contact_id .. '.l' .. made, 0, ''
  leg_move('connect')
  if setup_until == 0 then
    leg_move('connected')
  end
end

local function await_setup(setup_until)
  if setup_until > 0 then
    redis.call('ZADD', deadlines, setup_until, 'setup:' .. contact_id)
  end
end
