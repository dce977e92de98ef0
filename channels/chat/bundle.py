"""The widget as one small script: its parts put together, without comments and blanks. Reads only what ships with it.

Its sources keep to what this takes: a comment has a line of its own, every statement ends with a semicolon, no template
stands inside a template.
"""

import re
from functools import cache
from pathlib import Path

import msgspec

WIDGET = Path(__file__).parent / "widget"
SCRIPTS = ("words.js", "memory.js", "line.js", "elements.js", "log.js", "forms.js", "chat.js")
"""In the order in which they need each other; together they are one function, so that the host page sees no name."""
_LITERAL = re.compile(
    r"('(?:\\.|[^'\\])*'|`[^`]*`|\"(?:\\.|[^\"\\])*\"|(?<=[(,])/(?:\\.|\[(?:\\.|[^\]])*\]|[^/\n\[])+/[gi]*)"
)
_AROUND_SIGNS = re.compile(r"\s*([-{}();,:=<>?&|!+*\[\]])\s*")


def without_blanks(source: str) -> str:
    """JavaScript without comment lines, and without blanks that separate nothing; what is quoted stays as it is."""
    lines = (line.strip() for line in source.splitlines())
    text = "\n".join(line for line in lines if line and not line.startswith("//"))
    parts = _LITERAL.split(text)
    # Every second part is a literal.
    return "".join(part if i % 2 else _AROUND_SIGNS.sub(r"\1", part).replace(";}", "}") for i, part in enumerate(parts))


def style() -> str:
    """The style sheet on one line."""
    text = re.sub(r"/\*.*?\*/", "", (WIDGET / "style.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\s*([{};,>])\s*", r"\1", " ".join(text.split())).replace(";}", "}").replace(": ", ":")


@cache
def _body() -> str:
    return "".join(without_blanks((WIDGET / name).read_text(encoding="utf-8")) + "\n" for name in SCRIPTS)


def bundle(city: object) -> str:
    """The whole script; `city` is what it must know of the settings."""
    return f"(()=>{{'use strict';const STYLE={_json(style())},CITY={_json(city)};\n{_body()}}})();\n"


def _json(value: object) -> str:
    """JSON that may stand in a script, wherever that is put."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c").replace("\u2028", "\\u2028")
