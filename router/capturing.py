"""What may be written down about a contact, shown of it and passed on with it, as its decision says. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from router.errors import CaptureForbidden, HandoverIncomplete
from rules.outcome import Decision
from rules.strategy import Captured

ALWAYS_SHOWN = frozenset({"channel", "preferred_notice"})


def check_capture(decision: Decision | None, kind: Captured, field: str) -> None:
    """Refuse to write down what must not be.

    Raises:
        CaptureForbidden: a rule of the decision forbids it.
    """
    if decision is not None and kind in decision.capture.forbid:
        raise CaptureForbidden(f"{kind} must not be written down about this contact", field=field, kind=kind)


def check_person(decision: Decision | None, given: Mapping[str, object]) -> None:
    """Refuse to write down who it is; a number to call back may be allowed all the same.

    Raises:
        CaptureForbidden: a rule of the decision forbids it.
    """
    named = [name for name, value in given.items() if value]
    if decision is not None and named == ["phone"] and "callback_number" in decision.capture.allow:
        return
    for name in named:
        check_capture(decision, "person", f"$.data.{name}")


def shown_fields(decision: Decision | None, content: Mapping[str, object]) -> dict[str, object]:
    """The fields of a content record that the decision lets an agent see."""
    limit = decision.limit.fields if decision is not None else ()
    return {name: value for name, value in content.items() if not limit or name in limit or name in ALWAYS_SHOWN}


def shows_messages(decision: Decision | None) -> bool:
    """Whether an agent may see what was said after the first words."""
    return decision is None or not decision.limit.fields or "messages" in decision.limit.fields


class Carried(NamedTuple):
    """The fields that go with a handover, and those that are missing."""

    fields: dict[str, str]
    missing: tuple[str, ...]


def carried(decision: Decision | None, known: Iterable[str], given: Mapping[str, str]) -> Carried:
    """What is passed on of what the agent gives, and what the unit needs that neither they nor the contact tell."""
    if decision is None:
        return Carried(dict(given), ())
    fields = {name: value for name, value in given.items() if name not in decision.forbid_fields}
    told = {*known, *(name for name, value in fields.items() if value)}
    return Carried(fields, tuple(name for name in decision.require_fields if name not in told))


def check_complete(missing: Iterable[str]) -> None:
    """Refuse a handover that lacks what the unit needs.

    Raises:
        HandoverIncomplete: the field names the first of them.
    """
    lacking = list(missing)
    if lacking:
        raise HandoverIncomplete(f"the unit needs: {', '.join(lacking)}", field=f"$.data.fields.{lacking[0]}")


def known_fields(content: Mapping[str, object]) -> frozenset[str]:
    """The names of what a first content record tells: its own parts, and those of person, place and fields."""
    names = {name for name, value in content.items() if value}
    for part in ("person", "fields", "location"):
        inner = content.get(part)
        if isinstance(inner, Mapping):
            names |= {str(name) for name, value in inner.items() if value not in ("", None)}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] (any JSON)
    return frozenset(names)
