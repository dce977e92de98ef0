-- Cold transfer: the contact waits at its kept place in another queue or for another agent, while the agent who gave it
-- wraps up beside it.
-- keys: contact work bucket buckets sides deadlines seq journal
-- args: now_ms cmd contact_id agent_id expected:int wrap_until:int bucket_id bucket_asks score wait_until data placed
-- rest: the contact's new fields and values
-- moves: contact.release leg.wrap_up leg.extend
-- replies: n, contact revision
-- include: journal contact leg side
if repeated then
  return repeated
end
fence(expected)
owned_by(agent_id)
if state ~= 'with_agent' or leg_state == 'connecting' then
  refuse('transition-refused', 'contact ' .. state .. ' transfer_contact')
end
local after = move('contact', contact_id, rev + 1, state, 'release')
local wrap = owner_wraps_up(leg_id, agent_id, wrap_until)

rev = rev + 1
redis.call('HDEL', work, contact_id)
redis.call('HSET', work, leg_id, side_item('wrap'))
keep_side(leg_id, wrap)
redis.call('HSETNX', contact, 'wrapped:' .. leg_id, now_ms)
redis.call('ZREM', deadlines, 'leg:' .. contact_id, 'orphan:' .. contact_id)
redis.call('ZADD', deadlines, wrap_until, 'side:' .. leg_id)
redis.call('ZADD', deadlines, wait_until, 'contact:' .. contact_id)
redis.call('ZADD', bucket, score, contact_id)
redis.call('HSETNX', buckets, bucket_id, bucket_asks)
redis.call('HSET', contact, 'undo', after .. ' ' .. now_ms .. ' ' .. agent_id, 'undo_leg', leg_id, unpack(ARGV, rest, #ARGV))
local n = append(extend(data, '"leg":"' .. leg_id .. '",' .. side_part(leg_id, wrap)), placed)
return finish(n, 'state', after, 'rev', rev, 'agent', '', 'offer', '', 'leg', '', 'leg_state', '', 'leg_rev', 0, 'leg_until', 0,
  'bucket', bucket_id, 'score', score, 'wait_until', wait_until, 'placed', placed)
