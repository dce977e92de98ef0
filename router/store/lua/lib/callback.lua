-- Reads the contact's callback and moves it; the counts of callbacks and notices make new ids.
local back = redis.call('HMGET', contact, 'callback', 'callback_state', 'callback_rev', 'callbacks', 'attempts', 'notices')
local callback_id, callback_state, callback_rev = back[1], back[2] or '', tonumber(back[3]) or 0
local callbacks, attempts, notices = tonumber(back[4]) or 0, tonumber(back[5]) or 0, tonumber(back[6]) or 0

local function callback_move(event)
  callback_rev = callback_rev + 1
  callback_state = move('callback', callback_id, callback_rev, callback_state, event)
end

-- Whoever was reached has been called back, whatever becomes of the contact now.
local function keep_promise()
  if callback_state == 'connected' then
    callback_move('keep')
  end
end

-- A callback that is over makes room for a new one; one that stands is promised anew.
local function promise()
  keep_promise()
  if not moves['callback.promise'][callback_state] or callback_state == '' then
    callbacks = callbacks + 1
    callback_id, callback_state, callback_rev, attempts = contact_id .. '.b' .. callbacks, '', 0, 0
  end
  callback_move('promise')
end

-- Something must be told to the resident; empty kind: nothing.
local function owe(kind)
  if kind ~= '' then
    notices = notices + 1
    move('closure_notice', contact_id .. '.n' .. notices, 1, '', 'owe')
  end
end

local function keep_callback(kind)
  redis.call('HSET', contact, 'callback', callback_id, 'callback_state', callback_state, 'callback_rev', callback_rev,
    'callbacks', callbacks, 'attempts', attempts)
  if kind ~= '' then
    redis.call('HSET', contact, 'notices', notices, 'notice', contact_id .. '.n' .. notices, 'notice_state', 'owed', 'notice_kind', kind)
  end
end
