"""Where the new words of a mail end and what it quotes begins. Runs only where it may be killed; pure.

What is found is a line: the words themselves are never rewritten. In doubt nothing is cut.
"""

import re

from mailparser_reply import EmailMessage

MOST_LINES = 400
MOST_IN_LINE = 300
MOST_CHARACTERS = 20_000
LANGUAGES = ["sv", "en"]
_SPACES = re.compile(r"\s+")
_FORWARDED = re.compile(r"^\s*(?:fwd?|vb|vbf?|vidarebefordrat|wg|tr|doorst|i|enc)\s*:", re.IGNORECASE)
_WROTE = re.compile(r"^(?:Den|On) [^>]*(?:>?[^>]{0,80})(?:skrev|wrote):\s*$", re.IGNORECASE)
_SEPARATOR = re.compile(r"^\s*(?:[-_]{2,}[^-_]{0,60}[-_]{2,}|[-_]{5,})?\s*$")
_ONLY_QUOTE = re.compile(r"^[>|\s]*$")


def is_forwarded(subject: str) -> bool:
    """Whether the quoted part is the message: somebody passes on what others wrote."""
    return bool(_FORWARDED.match(subject))


def unfolded(text: str, *, deletes_space: bool) -> str:
    """`format=flowed` (RFC 3676) as paragraphs: a line that ends in a space goes on in the next of the same depth."""
    out: list[str] = []
    flowing_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:]
        body = body.removeprefix(" ")
        goes_on = body.endswith(" ") and body != "-- "
        if flowing_depth == depth and body != "-- ":
            out[-1] += body
        else:
            out.append(">" * depth + (" " if depth else "") + body)
        if goes_on and deletes_space:
            out[-1] = out[-1][:-1]
        flowing_depth = depth if goes_on else -1
    return "\n".join(out)


def new_words(text: str) -> str:
    """The text up to where the quoting begins; all of it when that can't be told."""
    lines = text.split("\n")
    end = _end(lines)
    kept = lines[:end]
    while kept and _SEPARATOR.match(kept[-1]):
        kept.pop()
    return "\n".join(kept).rstrip() if end < len(lines) and kept else text


def _end(lines: list[str]) -> int:
    """How many lines are new: what the library finds, or a line that says who wrote what is quoted below it."""
    view, numbers = _view(lines)
    latest = EmailMessage(view, languages=list(LANGUAGES)).read().latest_reply if view.strip() else None
    words = (latest or "").strip()
    if words and view.startswith(words) and words.count("\n") + 1 < len(numbers):
        return numbers[words.count("\n")] + 1
    for number, line in enumerate(lines[:MOST_LINES]):
        if _WROTE.match(line[:MOST_IN_LINE]):
            below = next((each for each in lines[number + 1 : number + 4] if each.strip()), "")
            if below.lstrip().startswith(">"):
                return number
    return len(lines)


def _view(lines: list[str]) -> tuple[str, list[int]]:
    """What the finder is shown, short enough for its patterns, and the number of the line that each line of it is."""
    out: list[str] = []
    numbers: list[int] = []
    length = 0
    for number, line in enumerate(lines):
        flat = _SPACES.sub(" ", line[: MOST_IN_LINE * 2]).strip()[:MOST_IN_LINE]
        if _ONLY_QUOTE.match(flat):
            flat = ""
        if not flat and (not out or not out[-1]):
            continue
        if len(out) >= MOST_LINES or length + len(flat) > MOST_CHARACTERS:
            break
        out.append(flat)
        numbers.append(number)
        length += len(flat) + 1
    return "\n".join(out), numbers
