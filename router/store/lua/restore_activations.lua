-- A store that has lost everything is told again which strategy versions are, were and never shall be in service.
-- keys: activations seq journal
-- args: now_ms number:int data
-- rest: pairs of version and record
-- moves:
-- replies: n (0 when the store knows of any)
-- include: journal
if redis.call('HLEN', activations) > 0 then
  return { 0 }
end
redis.call('HSET', activations, 'number', number, unpack(ARGV, rest, #ARGV))
return { append(data) }
