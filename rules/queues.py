"""Queues as a city writes them: read, checked against everything they name, and their hours worked out.

Every mistake names file, table, cell, what was expected and the nearest valid word. Decides nothing about a contact.
"""

from collections.abc import Mapping

import msgspec

from router.errors import StrategyError
from rules.calendars import Calendar, exceptional_days
from rules.organisation import OFFER_TIMEOUT_S, Agreement, Exit, Overflow, Queue, read_exit
from rules.references import Names, check_levels, check_seconds
from rules.tables import Place, Table, many

FILE = "queues.toml"
SECONDS = ("target_s", "wrap_up_s", "decline_cool_down_s", "max_wait_s")
BY_MEDIUM = ("flows", "exits", "exit_s")
"""What would promise something about a medium that the queue never takes; limits for one do no harm."""


def read_queues(content: Table, names: Names) -> dict[str, Queue]:
    """The queues of `queues.toml`, whose own cells are in order; `check_overflow` looks at how they help each other."""
    queues: dict[str, Queue] = {}
    for queue in many(content, "queue", Queue, FILE):
        place = Place(FILE, f"queue {queue.id}")
        place.check("calendar", "a calendar", queue.calendar, names.calendars)
        check_levels(place, "require", queue.require, names.skills)
        for team in queue.teams:
            place.check("teams", "a team", team, names.teams)
        _check_media(place, queue)
        _check_times(place, queue)
        _check_exits(place, queue, names)
        queues[queue.id] = msgspec.structs.replace(queue, offer_timeout_s={**OFFER_TIMEOUT_S, **queue.offer_timeout_s})
    return queues


def _check_media(place: Place, queue: Queue) -> None:
    for cell in BY_MEDIUM:
        for medium in getattr(queue, cell):
            place.check(cell, "a medium of this queue", medium, queue.media)


def _check_times(place: Place, queue: Queue) -> None:
    for cell in SECONDS:
        check_seconds(place, cell, getattr(queue, cell))
    for cell in ("targets_s", "offer_timeout_s", "exit_s"):
        for medium, seconds in getattr(queue, cell).items():
            check_seconds(place, f"{cell}.{medium}", seconds)
    check_seconds(place, "closing.entry_stops_s", queue.closing.entry_stops_s)
    check_seconds(place, "closing.serve_until_s", queue.closing.serve_until_s)
    for spoken in queue.announcements:
        check_seconds(place, "announcements.at_s", spoken.at_s)
        check_seconds(place, "announcements.every_s", spoken.every_s)
    if queue.reserve < 0:
        raise place.mistake("reserve", f"expected a number of agents from 0 on, got {queue.reserve}")
    if queue.wrap_up_max_s < queue.wrap_up_s:
        raise place.mistake(
            "wrap_up_max_s", f"expected at least wrap_up_s ({queue.wrap_up_s}), got {queue.wrap_up_max_s}"
        )


def _check_exits(place: Place, queue: Queue, names: Names) -> None:
    for medium, words in queue.exits.items():
        for word in words:
            way = _exit(place, f"exits.{medium}", word)
            if way.way == "unit":
                place.check(f"exits.{medium}", "a unit", way.unit, names.units)
    for medium in queue.exit_s:
        if not queue.exits_for(medium):
            raise place.mistake(f"exit_s.{medium}", f"expected exits.{medium} too, there is no way out after that time")


def _exit(place: Place, cell: str, word: str) -> Exit:
    try:
        return read_exit(word)
    except StrategyError as error:
        raise place.mistake(cell, error.detail) from error


def check_overflow(queues: Mapping[str, Queue], agreements: Mapping[str, Agreement]) -> None:
    """Refuse help from a queue that can't give it, or that nobody has agreed about."""
    for queue in queues.values():
        place = Place(FILE, f"queue {queue.id}")
        for overflow in queue.overflow:
            place.check("overflow.queue", "another queue", overflow.queue, queues.keys() - {queue.id})
            place.check("overflow.agreement", "an agreement", overflow.agreement, agreements)
            check_seconds(place, "overflow.after_s", overflow.after_s)
            _check_helper(place, queue, queues[overflow.queue], overflow)


def _check_helper(place: Place, queue: Queue, helper: Queue, overflow: Overflow) -> None:
    if not helper.teams:
        raise place.mistake("overflow.queue", f'expected a queue with teams, "{overflow.queue}" has none')
    if queue.restricted and not helper.restricted:
        raise place.mistake("overflow.queue", f'expected a restricted queue, "{overflow.queue}" is open to others')
    if not set(queue.media) & set(helper.media):
        raise place.mistake(
            "overflow.queue", f'expected a queue with a medium of this one, "{overflow.queue}" has none'
        )


def queue_hours(queues: Mapping[str, Queue], calendars: Mapping[str, Calendar]) -> dict[str, Calendar]:
    """The open hours of each queue: its calendar with the days of its own."""
    hours: dict[str, Calendar] = {}
    for queue in queues.values():
        try:
            hours[queue.id] = calendars[queue.calendar].with_exceptions(exceptional_days(queue.exceptions))
        except StrategyError as error:
            raise Place(FILE, f"queue {queue.id}").mistake("exceptions", error.detail) from error
    return hours
