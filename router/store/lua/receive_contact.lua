-- Takes a contact in with its decision: queued, handed over or answered; durable when it replies.
-- The same event again gives the same contact; another body under the same name is refused.
-- keys: contact content event subject tombstone bucket buckets person faults deadlines seq journal
-- args: now_ms contact_id body_sha event_ttl:int has_subject:int path bucket_id bucket_asks score due_by data placed contents:int person_ttl:int cell
-- rest: content number and record pairs (contents of them), then the contact's fields and values
-- moves: contact.receive contact.decide contact.queue contact.hand_over contact.answer contact.abandon handover.offer case.open
-- replies: n, contact id
-- include: journal
local accepted = redis.call('GET', event)
if accepted then
  local id, sha = string.match(accepted, '^(%S+) (%S+)$')
  if sha ~= body_sha then
    refuse('event-conflict', id)
  end
  return { 0, id }
end

local rev, state = 0, 'observed'
if path ~= 'observe' then
  move('contact', contact_id, 1, '', 'receive')
  move('contact', contact_id, 2, 'received', 'decide')
  state = move('contact', contact_id, 3, 'decided', path)
  rev = 3
end
local agreed, opened
if path == 'hand_over' then
  agreed = move('handover', contact_id .. '.h1', 1, '', 'offer')
  opened = move('case', contact_id .. '.k1', 1, '', 'open')
end
local has_left = has_subject == 1 and redis.call('GET', tombstone)
if has_left and state == 'queued' then
  state = move('contact', contact_id, 4, state, 'abandon')
  rev = 4
  data = extend(data, '"reason":"left_before_received"')
end

redis.call('SET', event, contact_id .. ' ' .. body_sha, 'PX', event_ttl)
if has_subject == 1 then
  redis.call('SET', subject, contact_id, 'PX', event_ttl)
  redis.call('DEL', tombstone)
end
local first = rest + contents * 2
if contents > 0 then
  redis.call('HSET', content, unpack(ARGV, rest, first - 1))
end
if person_ttl > 0 then
  redis.call('ZADD', person, now_ms, contact_id)
  redis.call('PEXPIRE', person, person_ttl)
end
if cell ~= '' then
  redis.call('ZADD', faults, cell, contact_id)
end
if path ~= 'observe' then
  redis.call('HSET', contact, 'state', state, 'rev', rev, unpack(ARGV, first, #ARGV))
  if bucket_asks ~= '' then
    redis.call('HSET', contact, 'bucket', bucket_id, 'score', score, 'wait_until', due_by, 'placed', placed)
  end
  if state == 'queued' then
    redis.call('ZADD', bucket, score, contact_id)
    redis.call('HSETNX', buckets, bucket_id, bucket_asks)
    redis.call('ZADD', deadlines, due_by, 'contact:' .. contact_id)
  elseif state == 'handed_over' then
    redis.call('HSET', contact, 'handover', contact_id .. '.h1', 'handovers', 1, 'handover_state', agreed, 'handover_rev', 1)
    redis.call('HSET', contact, 'case', contact_id .. '.k1', 'case_state', opened, 'case_rev', 1)
    redis.call('ZADD', deadlines, due_by, 'handover:' .. contact_id)
  elseif state == 'answered' and tonumber(due_by) > 0 then
    redis.call('ZADD', deadlines, due_by, 'contact:' .. contact_id)
  end
end
local n = append(data, state == 'queued' and placed or nil)
return { n, contact_id }
