-- A strategy version leaves service: rolled back (what it took the place of is reinstated), expired, or withdrawn.
-- keys: activations seq journal
-- args: now_ms seen:int data
-- rest: five values for each version that moves (see lib/activation.lua), the one that ends first
-- moves: activation.roll_back activation.reinstate activation.expire activation.withdraw
-- replies: n (0 when it was done already)
-- include: journal activation
if is_done() then
  return { 0 }
end
check_moves()
keep_moves()
return { append(data) }
