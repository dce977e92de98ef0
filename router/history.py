"""What is known of a person and told by other systems, as facts for the strategy. Pure; reads nothing itself."""

from collections.abc import Mapping

import msgspec

from router.identity import Identity
from router.protection import stricter, strictest
from rules.facts import SAID_BY_OTHERS, fits


class History(msgspec.Struct, frozen=True):
    """What the register knows of a person; None is unknown, never zero."""

    repeats_7d: int | None = None
    """Earlier contacts, about anything."""
    repeats_30d: int | None = None
    repeats_topic_7d: int | None = None
    """Of these, about the same topic."""
    repeats_topic_30d: int | None = None
    open_promise: bool | None = None
    persons_using: int | None = None
    protection: str | None = None


UNKNOWN_HISTORY = History()


def repeat_facts(history: History) -> dict[str, int | bool | None]:
    """How often the person has been in touch, and what they still wait for."""
    return {
        "repeats_7d": history.repeats_7d,
        "repeats_30d": history.repeats_30d,
        "repeats_topic_7d": history.repeats_topic_7d,
        "repeats_topic_30d": history.repeats_topic_30d,
        "open_promise": history.open_promise,
    }


def told_facts(fields: Mapping[str, object]) -> dict[str, str | int | bool | None]:
    """The facts that another system tells with an event; any other field, or a value that does not fit, is no fact."""
    return {
        name: value
        for name, value in fields.items()
        if name in SAID_BY_OTHERS and fits(name, value) and isinstance(value, str | int | bool)
    }


def protection_fact(given: str, identity: Identity, history: History) -> str | None:
    """The protection level; unknown, not none, when it could not be read of somebody who may have one."""
    if given == "none" and identity.keys and history.protection is None:
        return None
    return stricter(given, history.protection)


def guarded(history: History, level: str | None) -> History:
    """The history with the stricter of what the register and the store know; unknown when neither does."""
    known = [each for each in (history.protection, level) if each is not None]
    return msgspec.structs.replace(history, protection=strictest(known) if known else None)
