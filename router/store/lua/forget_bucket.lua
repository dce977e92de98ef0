-- What an empty bucket asked for leaves the store. The caller has seen, up to an entry, that no open contact comes from
-- it: whatever has happened since might have changed that, and the caller looks again.
-- keys: bucket buckets seq
-- args: now_ms bucket_id expected:int
-- moves:
-- replies: 1 when it left, 0 when somebody waits in it or it is gone, -1 when more has happened
if (tonumber(redis.call('GET', seq)) or 0) ~= expected then
  return { -1 }
end
if redis.call('EXISTS', bucket) == 1 then
  return { 0 }
end
return { redis.call('HDEL', buckets, bucket_id) }
