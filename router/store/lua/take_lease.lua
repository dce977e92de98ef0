-- Takes or renews a lease of leadership; whoever holds it keeps it while it renews in time.
-- keys: lease
-- args: now_ms holder ttl_ms:int
-- moves:
-- replies: 1 when held by the caller
local held = redis.call('GET', lease)
if held and held ~= holder then
  return { 0 }
end
redis.call('SET', lease, holder, 'PX', ttl_ms)
return { 1 }
