-- Nobody who is at work, or may come back to it, can ever take the contact: said once, until somebody could
-- (at `since`), or until it has been placed anew.
-- keys: contact bucket seq journal
-- args: now_ms cmd contact_id expected:int since:int data
-- moves: contact.no_one_possible
-- replies: n (0 when it was said already), contact revision
-- include: journal contact
if repeated then
  return repeated
end
fence(expected)
in_bucket()
if (tonumber(field('stranded_at')) or 0) > since then
  return { 0, rev }
end
local after = move('contact', contact_id, rev + 1, state, 'no_one_possible')

rev = rev + 1
return finish(append(data, field('placed')), 'state', after, 'rev', rev, 'stranded_at', now_ms)
