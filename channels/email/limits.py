"""How much of a mail is read. What is cut stays in the original, which is always kept. Pure."""

MIB = 1024 * 1024

HEADER_BLOCK_BYTES = 64 * 1024
HEADER_BYTES = 8 * 1024
"""Of one header; the rest of it is not read."""
HEADERS = 200
LINES = 1_000_000
"""A mail of 25 MiB of encoded files has a third of that."""
BOUNDARY_LINES = 2_000
"""Lines that begin with `--`: more of them is no letter."""
MULTIPARTS = 100
"""`boundary=` in the raw bytes: nesting costs a frame each."""
EMBEDDED_MAILS = 20
PARTS = 100
DEPTH = 20
ADDRESSES = 50
REFERENCES = 50
TEXT_CHARACTERS = 262_144
HTML_BYTES = 512 * 1024
HTML_TAGS = 20_000
"""The cleaner is quadratic in depth: more `<` than this and only the words are taken."""
HTML_DEPTH = 1_000
"""Elements in each other; beyond it the same."""
ATTACHMENTS = 17
"""Of the twenty that a contact may carry three are the original, its HTML and its full text."""
ATTACHMENT_BYTES = 10 * MIB
LINE_CHARACTERS = 500

WHOLE_S = 5.0
"""Wall time for reading a mail; then whoever reads it is killed."""
HEADERS_S = 2.0
"""Wall time for reading its headers alone, when reading the whole has failed."""
REPLY_S = 1.0
"""For finding what is quoted."""
MEMORY_BYTES = 1024 * MIB
"""Address space of whoever reads a mail."""
CPU_S = 900
"""Of one process for all its mails: one that hangs does not outlive a killed service for long."""
ANSWER_BYTES = 96 * MIB
"""The longest answer that is believed."""
