-- Keeps a supervisor's standing order; it replaces the one before about the same thing.
-- keys: orders seq journal
-- args: now_ms about order data
-- rest: orders that are over, to be forgotten: what they are about, and as they were read
-- moves:
-- replies: n (0 when the same order stands already)
-- include: journal
local function said(kept)
  return kept and string.match(kept, '^%d+ (.*)$')
end

if said(redis.call('HGET', orders, about)) == order then
  return { 0 }
end
for i = rest, #ARGV, 2 do
  -- Somebody may have given it anew since it was read.
  if redis.call('HGET', orders, ARGV[i]) == ARGV[i + 1] then
    redis.call('HDEL', orders, ARGV[i])
  end
end
redis.call('HSET', orders, about, now_ms .. ' ' .. order)
return { append(data) }
