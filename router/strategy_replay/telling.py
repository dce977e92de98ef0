"""The report's sentences and rows, once, for the terminal and the page alike."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from router.strategy_replay.naming import Names
from router.strategy_replay.words import Words
from rules.replay.guards import Guard
from rules.replay.intervals import Change
from rules.replay.report import DayShare, Floor, FloorSide, Report
from rules.replay.reviewing import Reviewed
from rules.replay.tallying import Part

Row = tuple[str, ...]
PLAIN = frozenset({"point", "medium"})
"""Facts that a reader of the sample does not need; the JSON has all."""


def day_of(instant: str, tz: str) -> str:
    """The local day of an RFC 3339 instant."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(tz)).date().isoformat()


def hour_of(at_ms: int, tz: str) -> str:
    """A local hour."""
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(tz)).strftime("%Y-%m-%d %H")


def subtitle(found: Report, words: Words) -> str:
    """Which strategies."""
    return words.say(
        "subtitle",
        city=found.draft.city,
        draft=found.draft.version,
        draft_hash=found.draft.hash,
        baseline=found.baseline.version,
        baseline_hash=found.baseline.hash,
    )


def history(found: Report, words: Words, tz: str) -> str:
    """Which history."""
    past = found.history
    return words.say(
        "history",
        contacts=words.number(past.contacts),
        days=words.number(past.days),
        from_=day_of(past.from_, tz),
        to=day_of(past.to, tz),
        source=past.source,
    )


def headline(found: Report, words: Words) -> str:
    """How much changes."""
    if not found.changed:
        return words.say("headline_same")
    return words.say(
        "headline",
        changed=words.number(found.changed),
        contacts=words.number(found.history.contacts),
        share=words.share(found.changed / found.history.contacts),
        moved=words.number(found.moved),
    )


def verdict(found: Report, words: Words) -> Iterator[str]:
    """Whether it may be published, and what is not known."""
    blocking = [words.say(f"guard_{guard.code}") for guard in found.guards if guard.ok is False]
    yield words.say("verdict_blocked", names="; ".join(blocking)) if blocking else words.say("verdict_ok")
    if unmeasured := [words.say(f"guard_{guard.code}") for guard in found.guards if guard.ok is None]:
        yield words.say("verdict_unmeasured", names="; ".join(unmeasured))


def measures(found: Report) -> list[tuple[str, Change]]:
    """The shares that the report is about, by their key."""
    rows = [("can_strict", found.can.strict), ("can_registered", found.can.registered)]
    if found.done:
        rows += [("done_strict", found.done.strict), ("done_registered", found.done.registered)]
    return rows


def change_row(key: str, change: Change, words: Words) -> Row:
    """One share before and after."""
    low, high = words.signed(change.points_low, 2), words.signed(change.points_high, 2)
    return (
        words.say(key),
        words.share(change.share_before),
        words.share(change.share_after),
        words.say("points", value=words.signed(change.points, 2)),
        f"{low} … {high}" if change.points_low is not None else words.number(None),
        words.number(change.total),
    )


def about_shares(found: Report, words: Words) -> Iterator[str]:
    """What the shares mean, what is assumed in them and what is not known."""
    yield f"{words.say('can_strict')}: {words.say('can_strict_why')}"
    yield f"{words.say('can_registered')}: {words.say('can_registered_why')}"
    done = found.done
    if done is None:
        yield words.say("done_unknown")
    else:
        yield words.say("done_why", moved=words.number(done.moved), matters=words.number(done.matters))
        if done.borrowed or done.without_rate:
            borrowed, without = words.number(done.borrowed), words.number(done.without_rate)
            yield words.say("done_borrowed", borrowed=borrowed, without=without)
    yield words.say(f"sample_{found.can.strict.sample}")
    yield _reach(found, words)
    if found.history.excluded:
        names = ", ".join(f"{name} {words.number(count)}" for name, count in found.history.excluded.items())
        yield words.say("excluded", names=names)


def _reach(found: Report, words: Words) -> str:
    reach = found.reach
    if reach.ratio is None:
        return words.say("reach_unknown")
    return words.say(
        "reach",
        ratio=words.share(reach.ratio),
        observed=words.number(reach.observed),
        before=words.share(reach.goal_before),
        after=words.share(reach.goal_after),
    )


def guard_row(guard: Guard, names: Names, words: Words) -> Row:
    """One guard."""
    state = {True: "ok_yes", False: "ok_no", None: "ok_unmeasured"}[guard.ok]
    measure = f"measure_{guard.measure}"
    digits = 0 if guard.measure == "contacts" else 1
    value = words.number(None) if guard.value is None else words.say(measure, value=words.number(guard.value, digits))
    limit = words.say(measure, value=words.number(guard.limit, digits))
    where = "; ".join(_guarded(guard.code, name, names) for name in guard.names)
    said = words.say(f"guard_{guard.code}")
    return (said[0].upper() + said[1:], value, limit, words.say(state), where)


def _guarded(code: str, name: str, names: Names) -> str:
    """What broke a guard: a unit by its name, anything else by its code words."""
    unit, space, growth = name.partition(" ")
    return f"{names.unit(unit)}{space}{growth}" if code == "unit_growth" else name


def part_row(field: str, part: Part, names: Names, words: Words) -> Row:
    """One group of a breakdown."""
    hidden = words.say("few") if part.changed is None else ""
    return (
        names.part(field, part.name),
        words.number(part.contacts),
        hidden or words.number(part.changed),
        words.share(part.before),
        hidden or words.share(part.after),
        hidden or words.say("points", value=words.signed(part.points)),
        hidden or words.share(part.registered_after),
    )


def shown_parts(parts: Sequence[Part], most: int) -> tuple[list[Part], int]:
    """The groups that changed, or else the largest; and how many others there are."""
    changed = [part for part in parts if part.changed != 0]
    rest = [part for part in parts if part.changed == 0]
    kept = [*changed, *rest[: max(0, most - len(changed))]]
    return sorted(kept, key=lambda part: (-part.contacts, part.name)), len(parts) - len(kept)


def together(days: Iterable[DayShare], period_of: Callable[[str], str]) -> list[DayShare]:
    """Days summed by a longer period."""
    periods: dict[str, list[DayShare]] = {}
    for day in days:
        periods.setdefault(period_of(day.day), []).append(day)
    found: list[DayShare] = []
    for name, each in periods.items():
        total = sum(day.contacts for day in each)
        before = sum(day.contacts * day.before for day in each) / total
        found.append(DayShare(name, total, before, sum(day.contacts * day.after for day in each) / total))
    return found


def review_row(reviewed: Reviewed, names: Names, tz: str) -> Row:
    """One contact to read."""
    moves = reviewed.before != reviewed.after
    where = f"{names.way(reviewed.before)} → {names.way(reviewed.after)}" if moves else names.way(reviewed.before)
    return (
        reviewed.rule,
        reviewed.id,
        hour_of(reviewed.hour, tz),
        ", ".join(f"{name} {_fact(value)}" for name, value in reviewed.facts.items() if value and name not in PLAIN),
        where,
        names.fields(reviewed.differs),
        f"{', '.join(reviewed.hits_before)} → {', '.join(reviewed.hits_after)}",
    )


def _fact(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def gaps(found: Report, names: Names, words: Words) -> list[str]:
    """What could not be used, by name."""
    past, gap = found.history, found.history.gaps
    told: list[str] = []
    if gap.unreadable:
        first = "; ".join(gap.first_unreadable[:3])
        told.append(words.say("gap_unreadable", count=words.number(gap.unreadable), first=first))
    if gap.no_contacts:
        told.append(words.say("gap_no_contacts", count=words.number(gap.no_contacts)))
    for key, counts in (
        ("gap_channels", gap.unknown_channels),
        ("gap_unknown_topics", past.unknown_topics),
        ("gap_lost_topics", past.lost_topics),
    ):
        if counts:
            told.append(words.say(key, names=names.counted(counts)))
    if found.redefined:
        told.append(words.say("gap_redefined", names=", ".join(found.redefined)))
    return told or [words.say("gap_none")]


def floor_why(floor: Floor, words: Words) -> str:
    """What was simulated."""
    crew = words.code("crew", floor.crew)
    return words.say("floor_why", agents=words.number(floor.agents), crew=crew, days=words.number(floor.days))


def floor_rows(floor: Floor, words: Words) -> Iterator[Row]:
    """The floor's figures before and after."""
    shares = ("service_level", "abandonment", "occupancy")
    fields = (
        *("contacts", "live", "service_level", "abandonment", "mean_wait_s", "median_wait_s", "p95_wait_s", "written"),
        *("written_answered", "outside", "work_h", "occupancy", "needed"),
    )
    for name in fields:
        values = [_value(side, name) for side in (floor.before, floor.after)]
        said = words.say(f"floor_{name}", within=floor.within_s)
        if name in shares:
            yield (said, *map(words.share, values))
        else:
            yield (said, *(words.number(value, int(name.endswith("_wait_s"))) for value in values))
    hours = words.number(floor.agent_h)
    yield (words.say("floor_agent_h"), hours, hours)


def _value(side: FloorSide, name: str) -> float | None:
    value: float | None = getattr(side, name)
    return value


def assumed(words: Words) -> list[str]:
    """What every replay assumes."""
    return [words.say(f"assumed_{name}") for name in ("facts", "calendars", "people", "definitions")]
