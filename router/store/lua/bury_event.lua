-- An event about a contact that has not come yet: kept until the contact comes, for ten minutes.
-- keys: event subject tombstone
-- args: now_ms what body_sha event_ttl:int tombstone_ttl:int
-- moves:
-- replies: 1, or 0 when the same event was buried before
local accepted = redis.call('GET', event)
if accepted then
  local sha = string.match(accepted, ' (%S+)$')
  if sha ~= body_sha then
    error({ err = 'SC event-conflict' })
  end
  return { 0 }
end
if redis.call('EXISTS', subject) == 1 then
  error({ err = 'SC stale-revision subject' })
end
redis.call('SET', event, '- ' .. body_sha, 'PX', event_ttl)
redis.call('SET', tombstone, what, 'PX', tombstone_ttl)
return { 1 }
