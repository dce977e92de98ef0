"""What a replay found: counted from the register's own decisions, so the report can't say more than the record."""

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec
from sqlalchemy import Engine, select

from router.demo.recorded import BadRow
from router.demo.replaying import Replay
from router.demo.watch import Goal, Record
from router.register import schema
from router.register.engine import using

CONFIDENCES = ((0, "none"), (55, "below 55"), (75, "55-74"), (101, "75 and up"))
MOST_LINES = 15
ROWS_AT_ONCE = 1_000


class Decisions(msgspec.Struct, frozen=True):
    """The first decision about each contact."""

    total: int
    by_kind: dict[str, int]
    by_rule: dict[str, int]
    """The rule that named the place: the one that stopped, or the first that names one."""
    by_queue: dict[str, int]
    by_unit: dict[str, int]
    topics: dict[str, int]
    """The most frequent ones."""
    with_topic: int
    by_confidence: dict[str, int]


class Report(msgspec.Struct, frozen=True):
    """A replay in figures."""

    rows: int
    bad: int
    bad_rows: list[BadRow]
    left_out: int
    accepted: int
    observed: int
    refused: dict[str, int]
    by_channel: dict[str, int]
    seconds: float
    per_s: float
    """Rows answered a second while they were sent."""
    met: int
    left: int
    waiting: int
    """Still waiting at the end."""
    share_handed_over: float | None
    share_queued: float | None
    share_answered: float | None
    """Answered by the strategy itself."""
    share_with_topic: float | None
    decisions: Decisions
    handovers: dict[str, int]
    goal: Goal | None


def first_decisions(engine: Engine) -> Iterator[Record]:
    """Every contact's first decision, read in parts."""
    decoder = msgspec.json.Decoder(Record)
    query = select(schema.decisions.c.decision).where(schema.decisions.c.generation == 1)
    with using(engine) as connection:
        for (text,) in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query):
            yield decoder.decode(text)


def tally(records: Iterator[Record], deciding_rules: frozenset[str]) -> Decisions:
    """Count them."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("kind", "rule", "queue", "unit", "topic", "sure")}
    total = 0
    for record in records:
        total += 1
        decision, facts = record.decision, record.facts
        hits = [hit for hit in decision.trace.hits if hit in deciding_rules]
        counts["kind"][decision.kind] += 1
        counts["rule"][decision.trace.stopped_by or next(iter(hits), "-")] += 1
        counts["queue"][decision.queue] += bool(decision.queue)
        counts["unit"][decision.unit] += bool(decision.unit)
        counts["topic"][facts.topic or ""] += 1
        counts["sure"][next(name for limit, name in CONFIDENCES if facts.topic_confidence <= limit - (limit > 0))] += 1
    without = counts["topic"].pop("", 0)
    return Decisions(
        total=total,
        by_kind=dict(counts["kind"].most_common()),
        by_rule=dict(counts["rule"].most_common()),
        by_queue=dict((+counts["queue"]).most_common()),
        by_unit=dict((+counts["unit"]).most_common()),
        topics=dict(counts["topic"].most_common(MOST_LINES)),
        with_topic=total - without,
        by_confidence={name: counts["sure"][name] for _, name in CONFIDENCES},
    )


def report(
    replay: Replay, decisions: Decisions, *, met: int, waiting: int, handovers: Mapping[str, int], goal: Goal | None
) -> Report:
    """All of it."""

    def share(count: int) -> float | None:
        return round(count / decisions.total, 4) if decisions.total else None

    return Report(
        rows=replay.rows,
        bad=replay.bad,
        bad_rows=replay.bad_rows,
        left_out=replay.left_out,
        accepted=replay.accepted,
        observed=replay.observed,
        refused=dict(replay.refused),
        by_channel=dict(replay.by_channel.most_common()),
        seconds=round(replay.seconds, 2),
        per_s=round((replay.accepted + replay.observed) / replay.seconds, 1) if replay.seconds else 0.0,
        met=met,
        left=replay.left,
        waiting=waiting,
        share_handed_over=share(decisions.by_kind.get("hand_over", 0)),
        share_queued=share(decisions.by_kind.get("queue", 0)),
        share_answered=share(decisions.by_kind.get("answer", 0)),
        share_with_topic=share(decisions.with_topic),
        decisions=decisions,
        handovers=dict(handovers),
        goal=goal,
    )


def in_words(found: Report, rule_titles: Mapping[str, str]) -> str:
    """The report for people."""
    lines = [
        *_about_rows(found),
        f"topic suggested for {_percent(found.share_with_topic)}; confidence: {_counts(found.decisions.by_confidence)}",
        f"  {_counts(found.decisions.topics)}",
        *_about_decisions(found, rule_titles),
        *_about_ends(found),
    ]
    return "\n".join(lines) + "\n"


def _about_rows(found: Report) -> Iterator[str]:
    yield (
        f"rows {found.rows}: accepted {found.accepted}, observed {found.observed}, left out {found.left_out}, "
        f"malformed {found.bad}, refused {sum(found.refused.values())}"
    )
    yield f"sent in {found.seconds:.1f} s, {found.per_s:.0f} a second; {_counts(found.by_channel)}"
    yield from (f"  line {row.line}: {row.reason}" for row in found.bad_rows)
    if found.refused:
        yield f"refused: {_counts(found.refused)}"


def _about_decisions(found: Report, rule_titles: Mapping[str, str]) -> Iterator[str]:
    yield (
        f"decided: queued {_percent(found.share_queued)}, handed over {_percent(found.share_handed_over)}, "
        f"answered {_percent(found.share_answered)}"
    )
    yield f"  queues: {_counts(found.decisions.by_queue)}"
    yield f"  units: {_counts(found.decisions.by_unit)}"
    for rule, count in list(found.decisions.by_rule.items())[:MOST_LINES]:
        yield f"  {count:>7}  {rule:<8} {rule_titles.get(rule, '')}"


def _about_ends(found: Report) -> Iterator[str]:
    yield f"met by an agent {found.met}, left before {found.left}, still waiting {found.waiting}"
    yield f"handovers: {_counts(found.handovers)}"
    if found.goal is not None:
        ratio, matters = found.goal.ratio, found.goal.matters
        yield (
            f"resolved by the servicecenter {_percent(ratio.resolved)} of {matters.eligible} matters, "
            f"strictly {_percent(ratio.resolved_strict)}; reach {_percent(found.goal.reach.ratio)}"
        )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
