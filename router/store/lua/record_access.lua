-- Somebody has read a person's content: who, whose, why.
-- keys: seq journal
-- args: now_ms data
-- moves:
-- replies: n
-- include: journal
return { append(data) }
