"""The 80 % instrument: which matters count, which of them the servicecenter resolved, and the shares. Pure arithmetic.

Every figure is a sum of integer counts, so anybody who counts the journal by hand gets the same. Definitions stand
only here: a matter is `(topic, resolution)`; what is left out of the denominator is counted and shown.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import msgspec

STRICT = frozenset({"answered", "decided", "booked", "guided"})
"""Nothing is left for anybody."""
REFERRED, REFERRED_TOPIC = "referred_external", "KOM.FEL"
"""Naming the right authority resolves a matter only when that was the matter."""
COMPLETE = "registered_complete"
"""Handed over, accepted by the receiver, nothing asked again: resolved, but not strictly."""
UNCODED = "uncoded"
LEFT_OUT = frozenset({"named_person", "internal", "spam", "misdialled", "line_lost", "abandoned", "cancelled"})
"""Resolutions, and final states without a resolution, that are no matter for a servicecenter."""
LEFT_OUT_TOPICS = frozenset({"KOM.SÖK", "INT.SUP"})
"""The switchboard's named persons and the organisation's own support."""
FINAL = frozenset({"closed", "abandoned", "cancelled"})
OBSERVED = "observed"
"""Stands for the state of a contact that reached a unit directly."""


class Count(NamedTuple):
    """How many contacts (name: state) or matters (name: resolution) there are of one sort."""

    kind: Literal["contact", "matter"]
    channel: str
    topic: str
    name: str
    total: int


def exclusion(topic: str, resolution: str) -> str:
    """Why a matter is left out of the denominator; empty when it is eligible."""
    if resolution in LEFT_OUT:
        return resolution
    return topic if topic in LEFT_OUT_TOPICS else ""


def is_resolved_strict(topic: str, resolution: str) -> bool:
    """Whether an eligible matter was finished during the contact."""
    return resolution in STRICT or (resolution == REFERRED and topic == REFERRED_TOPIC)


def is_resolved(topic: str, resolution: str) -> bool:
    """Whether an eligible matter counts as the servicecenter's own; answered by the strategy alone does not."""
    return resolution == COMPLETE or is_resolved_strict(topic, resolution)


class Ratio(msgspec.Struct, frozen=True):
    """Resolved ÷ eligible; null when nothing is eligible."""

    resolved: float | None
    resolved_strict: float | None


class ContactCounts(msgspec.Struct, frozen=True):
    """Contacts received in the period, by where they are now."""

    received: int
    """Through the servicecenter; observed ones stand apart."""
    observed: int
    open: int
    closed: int
    abandoned: int
    cancelled: int
    handed_over_open: int
    answered_open: int


class Matters(msgspec.Struct, frozen=True):
    """Matters of the period; `total` = `eligible` + the sum of `excluded`."""

    total: int
    eligible: int
    resolved: int
    resolved_strict: int
    uncoded: int
    excluded: dict[str, int]
    by_resolution: dict[str, int]


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """The same figures for a part of the matters."""

    total: int
    eligible: int
    resolved: int
    resolved_strict: int
    uncoded: int
    ratio: Ratio


class ChannelShare(Share, frozen=True, kw_only=True):
    """The matters of one channel."""

    channel: str
    contacts: int


class TopicShare(Share, frozen=True, kw_only=True):
    """The matters of one topic; an empty code is a matter without a topic."""

    topic: str


class Reach(msgspec.Struct, frozen=True):
    """How much of what is known to reach the municipality came through the servicecenter."""

    observed: int
    via_servicecenter: int
    ratio: float | None


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `GET /v1/goal`."""

    from_: str = msgspec.field(name="from")
    to: str
    contacts: ContactCounts
    matters: Matters
    ratio: Ratio
    state: Literal["provisional"] = "provisional"
    """Nothing is frozen yet: a repeat within the window may still revoke a resolution."""
    measure: Literal["agent"] = "agent"
    """Resolutions as agents gave them."""
    by_channel: list[ChannelShare]
    by_topic: list[TopicShare]
    reach: Reach


def goal(counts: Iterable[Count], from_ms: int, to_ms: int) -> Goal:
    """The figures of a period from the counts of what was received in it."""
    known = list(counts)
    contacts = _contacts([row for row in known if row.kind == "contact"])
    matters = [row for row in known if row.kind == "matter"]
    total = _matters(matters)
    via = contacts.received
    return Goal(
        from_=instant(from_ms),
        to=instant(to_ms),
        contacts=contacts,
        matters=total,
        ratio=_ratio(total),
        by_channel=_by_channel(known, matters),
        by_topic=_by_topic(matters),
        reach=Reach(observed=contacts.observed, via_servicecenter=via, ratio=_share(via, via + contacts.observed)),
    )


def instant(at_ms: int) -> str:
    """An RFC 3339 instant in UTC; milliseconds only when there are any."""
    at = datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{at}.{at_ms % 1000:03}Z" if at_ms % 1000 else f"{at}Z"


def _contacts(rows: list[Count]) -> ContactCounts:
    by_state = _sums(rows, lambda row: row.name)
    observed = by_state.pop(OBSERVED, 0)
    return ContactCounts(
        received=sum(by_state.values()),
        observed=observed,
        open=sum(count for state, count in by_state.items() if state not in FINAL),
        closed=by_state.get("closed", 0),
        abandoned=by_state.get("abandoned", 0),
        cancelled=by_state.get("cancelled", 0),
        handed_over_open=by_state.get("handed_over", 0),
        answered_open=by_state.get("answered", 0),
    )


def _matters(rows: list[Count]) -> Matters:
    eligible = [row for row in rows if not exclusion(row.topic, row.name)]
    excluded = [row for row in rows if exclusion(row.topic, row.name)]
    return Matters(
        total=_sum(rows),
        eligible=_sum(eligible),
        resolved=_sum(row for row in eligible if is_resolved(row.topic, row.name)),
        resolved_strict=_sum(row for row in eligible if is_resolved_strict(row.topic, row.name)),
        uncoded=_sum(row for row in eligible if row.name == UNCODED),
        excluded=_sums(excluded, lambda row: exclusion(row.topic, row.name)),
        by_resolution=_sums(rows, lambda row: row.name),
    )


def _by_channel(known: list[Count], matters: list[Count]) -> list[ChannelShare]:
    contacts = _sums([row for row in known if row.kind == "contact" and row.name != OBSERVED], lambda row: row.channel)
    channels = sorted(contacts.keys() | {row.channel for row in matters})
    parts = [(channel, _matters([row for row in matters if row.channel == channel])) for channel in channels]
    return [
        ChannelShare(
            channel=channel,
            contacts=contacts.get(channel, 0),
            total=part.total,
            eligible=part.eligible,
            resolved=part.resolved,
            resolved_strict=part.resolved_strict,
            uncoded=part.uncoded,
            ratio=_ratio(part),
        )
        for channel, part in parts
    ]


def _by_topic(matters: list[Count]) -> list[TopicShare]:
    rows_of: dict[str, list[Count]] = {}
    for row in matters:
        rows_of.setdefault(row.topic, []).append(row)
    parts = sorted(((topic, _matters(rows)) for topic, rows in rows_of.items()), key=lambda p: (-p[1].total, p[0]))
    return [
        TopicShare(
            topic=topic,
            total=part.total,
            eligible=part.eligible,
            resolved=part.resolved,
            resolved_strict=part.resolved_strict,
            uncoded=part.uncoded,
            ratio=_ratio(part),
        )
        for topic, part in parts
    ]


def _ratio(matters: Matters) -> Ratio:
    return Ratio(
        resolved=_share(matters.resolved, matters.eligible),
        resolved_strict=_share(matters.resolved_strict, matters.eligible),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _sum(rows: Iterable[Count]) -> int:
    return sum(row.total for row in rows)


def _sums(rows: Iterable[Count], key: Callable[[Count], str]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in rows:
        sums[key(row)] = sums.get(key(row), 0) + row.total
    return dict(sorted(sums.items()))
