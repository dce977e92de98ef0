-- Moves of strategy versions in service, handed in as five values each: id, event, state before, rev after, record.
-- Whoever decided them says how many changes it had seen: another change in between refuses all of them.
local function is_done()
  return redis.call('HGET', activations, ARGV[rest]) == ARGV[rest + 4]
end

local function check_moves()
  if tonumber(redis.call('HGET', activations, 'number') or 0) ~= seen then
    refuse('stale-revision', 'another version was brought into service meanwhile')
  end
  for i = rest, #ARGV, 5 do
    move('activation', ARGV[i], ARGV[i + 3], ARGV[i + 2], ARGV[i + 1])
  end
end

local function keep_moves()
  redis.call('HSET', activations, 'number', seen + 1)
  for i = rest, #ARGV, 5 do
    redis.call('HSET', activations, ARGV[i], ARGV[i + 4])
  end
end
