-- The resident has gone: whoever still waits, or whose conversation never began, is abandoned; a conversation goes into
-- wrap-up. Later states stay as they are.
-- keys: contact agent work bucket deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int wrap_until data
-- moves: contact.abandon contact.release offer.revoke offer.fail_setup callback.keep leg.fail leg.wrap_up presence.go_away presence.go_offline
-- replies: n (0 when nothing changed), contact revision
-- include: journal contact leg presence callback
if repeated then
  return repeated
end
fence(expected)
if state ~= 'queued' and state ~= 'offered' and state ~= 'with_agent' then
  return { 0, rev }
end
-- Who is to be called back need not stay on the line.
if callback_state == 'promised' or callback_state == 'due' or callback_state == 'dialling' then
  return { 0, rev }
end
if (own[4] or '') ~= agent_id then
  refuse('stale-revision', tostring(rev))
end
if state == 'with_agent' and leg_state ~= 'connecting' then
  if not moves['leg.wrap_up'][leg_state] then
    return { 0, rev }
  end
  local channel, medium = field('channel'), field('medium')
  local item = channel .. ':' .. medium .. ':wrap'
  leg_move('wrap_up')

  redis.call('HSET', work, contact_id, item)
  redis.call('HSETNX', contact, 'wrapped:' .. leg_id, now_ms)
  redis.call('ZADD', deadlines, wrap_until, 'leg:' .. contact_id)
  local n = append(extend(data, '"leg":"' .. leg_id .. '","until":' .. wrap_until))
  return finish(n, 'leg_state', leg_state, 'leg_rev', leg_rev, 'leg_until', wrap_until)
end

local waits, after_rev = state, rev + 1
if state == 'queued' then
  in_bucket()
elseif state == 'offered' then
  move('offer', field('offer'), 2, 'issued', 'revoke')
  data = extend(data, '"offer":"' .. field('offer') .. '"')
else
  setup_failed()
  waits, after_rev = move('contact', contact_id, rev + 1, state, 'release'), rev + 2
  data = extend(data, '"leg":"' .. leg_id .. '"')
end
local after = move('contact', contact_id, after_rev, waits, 'abandon')
keep_promise()
local drained = drained_event(contact_id)
local presence = drained and presence_move(drained)

rev = after_rev
redis.call('ZREM', bucket, contact_id)
redis.call('HDEL', work, contact_id)
redis.call('ZREM', deadlines, 'contact:' .. contact_id, 'offer:' .. contact_id, 'orphan:' .. contact_id, 'setup:' .. contact_id)
if state == 'with_agent' then
  redis.call('HSET', agent, 'idle_since', now_ms)
  redis.call('HSET', contact, 'leg_state', leg_state, 'leg_rev', leg_rev)
end
if callback_id then
  keep_callback('')
end
if presence then
  presence_set(presence, shown[4] or '')
end
return finish(append(data), 'state', after, 'rev', rev)
