"""HTML from nested calls: whatever is not markup already is escaped. Pure."""

from collections.abc import Iterable, Mapping
from html import escape

Attributes = Mapping[str, str | int | bool | None]
VOID = frozenset({"input", "meta", "link", "br"})


class Markup(str):
    """Text that is HTML already; made by `tag` alone."""

    __slots__ = ()


Child = str | Markup | None | Iterable["Child"]


def tag(name: str, attributes: Attributes | None = None, *children: Child) -> Markup:
    """An element. An attribute that is None or False is left out, one that is True has no value."""
    said = "".join(_attribute(key, value) for key, value in (attributes or {}).items())
    if name in VOID:
        return Markup(f"<{name}{said}>")
    return Markup(f"<{name}{said}>{together(*children)}</{name}>")


def together(*children: Child) -> Markup:
    """Things beside each other."""
    return Markup("".join(_written(child) for child in children))


def _written(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return str(child)
    if isinstance(child, str):
        return escape(child, quote=False)
    return "".join(_written(each) for each in child)


def _attribute(name: str, value: str | int | bool | None) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(str(value), quote=True)}"'
