"""Agreements: hand-overs and overflow that nobody has agreed about, or not for the whole year of validity."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from rules.calendars import parse_date
from rules.city import City
from rules.organisation import Agreement
from rules.proof.findings import Example, Found
from rules.proof.moments import validity
from rules.proof.sweep import Decided, Sweep
from rules.topics import TopicBook


def broken_agreements(city: City, sweep: Sweep) -> Iterator[Found]:
    """What the strategy does under an agreement that is missing, expired, not yet valid or about to end."""
    for each in _hand_overs(sweep):
        unit = each.decision.unit
        fitting = [one for one in city.agreements if one.unit == unit and one.specificity(each.topic)]
        arguments = {"topic": each.topic, "unit": unit}
        rule = sweep.decided_by(each)
        if not fitting:
            yield Found("no_agreement", rule, {**arguments}, each.example)
        elif fault := _fault(fitting, *validity(city)):
            code, day, agreement = fault
            more = {"agreement": agreement.id, "day": day.isoformat()}
            yield Found(code, rule, {**arguments, **more}, Example(each.example.facts, _on(day, city, each)))
    yield from _overflow(city)


def _hand_overs(sweep: Sweep) -> Iterable[Decided]:
    """The first contact of each topic that is handed over to each unit."""
    first: dict[tuple[str, str], Decided] = {}
    for each in sweep.all:
        if each.decision.kind == "hand_over" and each.topic:
            _ = first.setdefault((each.topic, each.decision.unit), each)
    return first.values()


def _overflow(city: City) -> Iterator[Found]:
    agreements = {each.id: each for each in city.agreements}
    for queue in city.queues.values():
        for helping in queue.overflow:
            agreement = agreements[helping.agreement]
            if fault := _fault([agreement], *validity(city)):
                code, day, _ = fault
                arguments = {
                    "topic": f"{queue.id} → {helping.queue}",
                    "unit": agreement.unit,
                    "agreement": agreement.id,
                }
                example = Example({"medium": queue.media[0]}, f"{day} 10:00")
                yield Found(code, "", {**arguments, "day": day.isoformat()}, example)


def _fault(fitting: list[Agreement], first: date, last: date) -> tuple[str, date, Agreement] | None:
    """The first day of the year on which none of the agreements holds, and why."""
    ends = [parse_date(each.valid_to) + timedelta(days=1) for each in fitting if each.valid_to]
    for day in sorted({first, *(day for day in ends if first < day <= last)}):
        if any(_holds(each, day) for each in fitting):
            continue
        over = [each for each in fitting if each.valid_to and parse_date(each.valid_to) < day]
        if not over:
            return "agreement_not_yet", day, fitting[0]
        return "agreement_expired" if day == first else "agreement_ends", day, over[-1]
    return None


def _holds(agreement: Agreement, day: date) -> bool:
    begins = not agreement.valid_from or parse_date(agreement.valid_from) <= day
    return begins and (not agreement.valid_to or day <= parse_date(agreement.valid_to))


def _on(day: date, city: City, each: Decided) -> str:
    """A time on that day or soon after at which the same is decided."""
    return max(f"{day} 10:00", each.moment.at) if day > validity(city)[0] else each.moment.at


def covers_any(agreement: Agreement, topics: TopicBook) -> bool:
    """Whether a topic of the agreement is, or in emergencies falls to, the unit that it is with."""
    return any(
        agreement.specificity(topic.code) and agreement.unit in {topic.unit, topic.duty} for topic in topics.topics
    )
