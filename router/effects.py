"""What a decision made again may do: law stands above consent, consent above everything else. Pure.

Measured is what new facts change in the strategy's word, not what people have done since it was spoken.
"""

from typing import Literal, NamedTuple

import msgspec

from router.exits import changes_place, destination
from router.model import OpenContact
from rules.outcome import Decision

Effect = Literal["same", "noted", "placed", "law", "suggested"]
"""Nothing · kept as a new generation · waits elsewhere · done whoever has it · asked of the agent."""


class Suggestion(msgspec.Struct, frozen=True, omit_defaults=True):
    """A decision that waits for the agent's word."""

    generation: int
    kind: str
    """queue or hand_over."""
    queue: str = ""
    unit: str = ""
    rules: tuple[str, ...] = ()
    """The rules that say so and did not before."""


class Change(NamedTuple):
    """A decision beside the ones it is measured against."""

    standing: Decision
    """What was decided last, and by whomever."""
    before: Decision
    """What the strategy says of the facts as they were."""
    new: Decision
    law: frozenset[str]
    """Rules of safety and law that did not speak before."""

    @property
    def is_stricter(self) -> bool:
        """Whether somebody may no longer see what they saw."""
        return (self.new.mask and not self.standing.mask) or (self.new.restricted and not self.standing.restricted)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that speak now and did not before."""
        return tuple(sorted(set(self.new.trace.hits) - set(self.before.trace.hits)))


def effect_of(change: Change, *, has_agent: bool, has_news: bool) -> Effect:
    """What follows from deciding again: law stands above consent, consent above everything else."""
    moves_place = changes_place(change.before, change.new)
    if change.is_stricter or (change.law and moves_place):
        return "law"
    is_elsewhere = destination(change.new) not in {destination(change.before), destination(change.standing)}
    was_moved = destination(change.standing) != destination(change.before)
    if moves_place and not has_agent and (is_elsewhere or not was_moved):
        return "placed"
    if has_agent and is_elsewhere and change.new.kind in {"queue", "hand_over"}:
        return "suggested"
    says_more = msgspec.structs.replace(change.new, trace=change.before.trace) != change.before
    return "noted" if has_news or says_more else "same"


def advised(standing: Decision, new: Decision) -> Decision:
    """The decision that stands, with the newest advice: what to offer, to say and to look for."""
    return msgspec.structs.replace(
        standing,
        offers=new.offers,
        notices=new.notices,
        suggestions=new.suggestions,
        demand=new.demand,
        checklist=new.checklist,
        refer=new.refer,
        capture=new.capture,
        limit=new.limit,
        require_fields=new.require_fields,
        missing_fields=new.missing_fields,
        forbid_fields=new.forbid_fields,
        warm_transfer=new.warm_transfer,
        warm_within_s=new.warm_within_s,
        fallback=new.fallback,
        trace=new.trace,
    )


def for_here(decision: Decision, contact: OpenContact, stands: Decision) -> Decision:
    """A decision that would answer by itself, or ask a unit again that has sent it back, is one for a person here."""
    is_returned = bool(contact.handovers) and decision.unit == contact.unit
    if decision.kind == "queue" or (decision.kind == "hand_over" and not is_returned):
        return decision
    return msgspec.structs.replace(decision, kind="queue", queue=contact.queue, unit="", reason=stands.reason)
