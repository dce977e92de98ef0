"""Documents as REST shows them: instants in RFC 3339 UTC instead of epoch milliseconds."""

from datetime import UTC, datetime
from typing import cast

import msgspec

_INSTANTS = frozenset({"at", "since", "until", "accept_by", "contact_by", "finish_by"})


def is_instant(name: str) -> bool:
    """Whether a field of this name is shown as an instant."""
    return name.endswith("_at") or name in _INSTANTS


def utc(at_ms: int) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def public(document: object) -> object:
    """The document with every instant as text; 0 and null are null, words stay. Raw JSON inside is opened as well."""
    return _shown("", msgspec.json.decode(msgspec.json.encode(document)))


def _shown(name: str, value: object) -> object:
    if isinstance(value, dict):
        return {key: _shown(key, part) for key, part in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_shown(name, part) for part in cast("list[object]", value)]
    if is_instant(name) and not isinstance(value, str):
        return utc(value) if isinstance(value, int) and value > 0 else None
    return value
