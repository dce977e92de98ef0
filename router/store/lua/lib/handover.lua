-- Reads the contact's current handover and its case.
local agreed = redis.call('HMGET', contact, 'handover', 'handover_state', 'handover_rev', 'case', 'case_state', 'case_rev')
local handover_state, handover_rev = agreed[2], tonumber(agreed[3]) or 0
local case_state, case_rev = agreed[5], tonumber(agreed[6]) or 0

local function is_current(handover_id)
  if not state or agreed[1] ~= handover_id then
    refuse('not-found', 'handover')
  end
end

local function handover_move(event)
  handover_rev = handover_rev + 1
  handover_state = move('handover', agreed[1], handover_rev, handover_state, event)
end

local function case_move(event)
  case_rev = case_rev + 1
  case_state = move('case', agreed[4], case_rev, case_state, event)
end

local function finish_handover_step(n, ...)
  return finish(n, 'handover_state', handover_state, 'handover_rev', handover_rev, 'case_state', case_state, 'case_rev', case_rev, ...)
end
