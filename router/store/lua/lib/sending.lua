-- Words on their way: `sending:<number>` of the contact holds state and revision, `owing` how many are not sent yet.
-- A contact that still owes words is not forgotten, and each of them has a deadline at which it is tried again.
local function sending_id(number)
  return contact_id .. '.m' .. number
end

local function owe_sending(number)
  return move('sending', sending_id(number), 1, '', 'owe')
end

local function keep_owed(number, owed)
  redis.call('HSET', contact, 'sending:' .. number, owed .. ' 1')
  redis.call('HINCRBY', contact, 'owing', 1)
  redis.call('ZADD', deadlines, now_ms, 'sending:' .. sending_id(number))
end
