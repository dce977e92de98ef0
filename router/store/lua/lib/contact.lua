-- Reads the contact a command is about; `expected` is the revision the caller saw, -1 when it can't know one.
-- The last four commands are kept with their replies: one that is sent twice happens once, also when others came between.
local seen = redis.call('HMGET', contact, 'state', 'rev', 'done', 'bucket')
local state, rev, done = seen[1], tonumber(seen[2]), seen[3] or ''
local made = 0
local repeated
do
  local _, at = string.find(done, cmd .. ' ', 1, true)
  if at then
    local n, was, made_then = string.match(done, '^(%d+) (%d+) (%d+);', at + 1)
    repeated = { tonumber(n), tonumber(was), tonumber(made_then) }
  end
end

local function fence(expected)
  if not state then
    refuse('not-found', 'contact')
  end
  if expected >= 0 and expected ~= rev then
    refuse('stale-revision', tostring(rev))
  end
end

-- The caller named the bucket from what it read; another one by now means that it read too early.
local function in_bucket()
  if not seen[4] or string.sub(bucket, -string.len(seen[4])) ~= seen[4] then
    refuse('stale-revision', tostring(rev))
  end
end

local function field(name)
  return redis.call('HGET', contact, name)
end

-- Every decision is a generation of its own: whoever decided beside somebody else decides again.
local function fence_generation(first)
  for i = first, #ARGV, 2 do
    if ARGV[i] == 'generation' and tonumber(ARGV[i + 1]) <= (tonumber(field('generation')) or 1) then
      refuse('stale-revision', tostring(rev))
    end
  end
end

-- Content is written once: two that chose the same number for different words must not overwrite each other.
local function is_free(content_number)
  if redis.call('HEXISTS', content, content_number) == 1 then
    refuse('stale-revision', tostring(rev))
  end
end

local function finish(n, ...)
  local _, kept = string.gsub(done, ';', ';')
  if kept >= 4 then
    done = string.match(done, ';(.*)$')
  end
  redis.call('HSET', contact, 'done', done .. cmd .. ' ' .. n .. ' ' .. rev .. ' ' .. made .. ';', ...)
  return { n, rev, made }
end
