"""Ways out of waiting: which promise somebody can be given who can't be served in this queue. Pure.

The last step is always a person or a promise: what no way fits goes on waiting for a person.
"""

from collections.abc import Iterable

from router.model import OpenContact
from rules.organisation import Exit
from rules.outcome import Decision
from rules.strategy import RouteStep

WRITTEN = "written"


def can_take(exit_: Exit, contact: OpenContact) -> bool:
    """Whether this way fits: a call needs a number, written work an address and words to answer, a unit nothing."""
    ways = contact.ways.split(",")
    match exit_.way:
        case "callback":
            return "phone" in ways and contact.medium != WRITTEN and contact.callback_state in {"", "kept", "given_up"}
        case "written":
            is_said = contact.has_text == 1 or contact.contents > 1
            return contact.medium != WRITTEN and "email" in ways and is_said
        case "unit":
            return bool(exit_.unit)


def first_fitting(exits: Iterable[Exit], contact: OpenContact) -> Exit | None:
    """The first way that fits this contact; None: it waits on for a person."""
    return next((exit_ for exit_ in exits if can_take(exit_, contact)), None)


def route_exits(route: Iterable[RouteStep], waited_ms: int) -> list[Exit]:
    """The ways out of a route whose time has come, earliest first."""
    due = sorted((step for step in route if step.exit and step.at_s * 1000 <= waited_ms), key=lambda step: step.at_s)
    return [Exit(step.exit, step.unit) for step in due if step.exit]


def coming_exits(route: Iterable[RouteStep]) -> list[Exit]:
    """Every way out of a route, earliest first: when nobody can ever take somebody, the next one is taken at once."""
    return [Exit(step.exit, step.unit) for step in sorted(route, key=lambda step: step.at_s) if step.exit]


def changes_place(old: Decision, new: Decision) -> bool:
    """Whether the two decisions let a contact wait in different places."""
    return _place(old) != _place(new)


def destination(decision: Decision) -> tuple[str, str]:
    """Where a decision sends a contact: what kind of place, and which."""
    return decision.kind, decision.queue if decision.kind == "queue" else decision.unit


def _place(decision: Decision) -> tuple[object, ...]:
    return (
        destination(decision),
        decision.require,
        decision.keep,
        decision.route,
        decision.emergency,
        decision.head_start_s,
        decision.restricted,
        decision.target_s,
    )
