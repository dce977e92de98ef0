"""What a supervisor must look at now: raised once, cleared once, the same on every router. Pure.

The leader's figures say once a second what stands; the journal raises, and clears, what can't wait for them.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from router.floor_figures import AgentFigure, Alarm, DutyFigure, QueueFigure
from router.journal import Entry

RAISED, CLEARED = "alarm.raised", "alarm.cleared"
NOT_RESPONDING = "not_responding"
DUTY_EXHAUSTED = "duty_exhausted"
AlarmKey = tuple[str, str, str, str, str]


class AlarmNews(NamedTuple):
    """An alarm that was raised or cleared."""

    event: str
    alarm: Alarm
    at: int


def key_of(alarm: Alarm) -> AlarmKey:
    """What the alarm is about; it stands once however many contacts it is about."""
    about = alarm.contact_id if alarm.kind == DUTY_EXHAUSTED else alarm.agent or alarm.unit
    return alarm.kind, alarm.queue, alarm.medium, about, alarm.code


def alarms_of(
    queues: Iterable[QueueFigure],
    agents: Iterable[AgentFigure],
    known: Iterable[Alarm],
    others: Iterable[Alarm] = (),
    duties: Iterable[DutyFigure] = (),
) -> list[Alarm]:
    """The alarms that stand, oldest first; `known` ones keep since when, and the contact that raised them."""
    before = {key_of(alarm): alarm for alarm in known}
    found = [*_of_queues(queues), *_of_agents(agents), *others, *_of_duties(duties)]
    return sorted((_since(alarm, before.get(key_of(alarm))) for alarm in found), key=lambda alarm: alarm.since)


def _since(alarm: Alarm, before: Alarm | None) -> Alarm:
    if before is None:
        return alarm
    return Alarm(
        alarm.kind,
        min(alarm.since, before.since),
        alarm.queue,
        alarm.medium,
        alarm.agent,
        alarm.contact_id or before.contact_id,
        alarm.contacts,
        alarm.code,
        alarm.unit,
    )


def _of_queues(queues: Iterable[QueueFigure]) -> Iterator[Alarm]:
    for row in queues:
        if row.no_one_possible:
            first, contacts = row.stranded_contact_id, row.no_one_possible
            yield Alarm("no_one_possible", row.stranded_at, row.queue, row.medium, "", first, contacts)
        if row.overdue:
            yield Alarm("overdue", row.next_due_at, row.queue, row.medium, "", row.first_contact_id, row.overdue)


def _of_agents(agents: Iterable[AgentFigure]) -> Iterator[Alarm]:
    for agent in agents:
        if agent.state == NOT_RESPONDING:
            yield Alarm(NOT_RESPONDING, agent.since, agent=agent.id)


def _of_duties(duties: Iterable[DutyFigure]) -> Iterator[Alarm]:
    for each in duties:
        if each.exhausted_at:
            yield Alarm(DUTY_EXHAUSTED, each.exhausted_at, contact_id=each.contact_id, contacts=1)


class AlarmBoard:
    """The alarms that stand as this router has told them."""

    def __init__(self) -> None:
        self._raised: dict[AlarmKey, tuple[Alarm, int]] = {}
        """With the time at which each was raised here."""

    def standing(self) -> list[Alarm]:
        """What has been raised and not cleared."""
        return [alarm for alarm, _ in self._raised.values()]

    def follow(self, entry: Entry) -> Iterator[AlarmNews]:
        """What one entry raises or clears at once."""
        data = entry.data
        if entry.command == "no_one_possible":
            medium = entry.placed.asks.medium if entry.placed else data.medium
            alarm = Alarm("no_one_possible", entry.at, data.queue, medium, contact_id=data.contact, contacts=1)
            yield from self._raise(alarm, entry.at)
        for moved in entry.transitions:
            if moved.machine != "presence":
                continue
            alarm = Alarm(NOT_RESPONDING, entry.at, agent=moved.id, contact_id=data.contact)
            if moved.after == "away" and entry.command == "expire_offer":
                yield from self._raise(alarm, entry.at)
            elif moved.after != "away" and key_of(alarm) in self._raised:
                yield self._clear(key_of(alarm), entry.at)

    def see(self, standing: Iterable[Alarm], measured_at: int) -> Iterator[AlarmNews]:
        """What the leader's figures of a moment raise, and clear; what was raised after that moment stays."""
        now = {key_of(alarm): alarm for alarm in standing}
        for alarm in now.values():
            yield from self._raise(alarm, measured_at)
        for key, (_, raised_at) in list(self._raised.items()):
            if key not in now and raised_at < measured_at:
                yield self._clear(key, measured_at)

    def _raise(self, alarm: Alarm, at: int) -> Iterator[AlarmNews]:
        key = key_of(alarm)
        known = self._raised.get(key)
        if known is None:
            self._raised[key] = alarm, at
            yield AlarmNews(RAISED, alarm, at)
        else:
            self._raised[key] = _since(alarm, known[0]), known[1]

    def _clear(self, key: AlarmKey, at: int) -> AlarmNews:
        alarm, _ = self._raised.pop(key)
        return AlarmNews(CLEARED, alarm, at)
