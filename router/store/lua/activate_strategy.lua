-- A strategy version comes into service; what it takes the place of is superseded.
-- keys: activations seq journal
-- args: now_ms seen:int data
-- rest: five values for each version that moves (see lib/activation.lua), the activated one first
-- moves: activation.activate activation.supersede
-- replies: n (0 when it was done already)
-- include: journal activation
if is_done() then
  return { 0 }
end
check_moves()
keep_moves()
return { append(data) }
