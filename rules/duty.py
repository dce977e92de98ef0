"""Duty chains: who is called in turn, how often and how long, until somebody takes over. Pure: no clock, no calls.

The last link of a chain is reachable at every hour, or the city does not load.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from rules.calendars import FULL_DAY_MINUTES, Calendar, Minutes
from rules.organisation import Unit
from rules.outcome import Decision
from rules.tables import Place, Table, many, only

DUTY_CHAINS = "duty_chains.toml"
PROVEN_FROM, PROVEN_DAYS = date(2026, 1, 1), 3 * 366
"""The days of which a last link is asked whether it is ever closed."""


class DutyLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One who is asked: a unit or an entry of the phone book, in its hours."""

    accept_within_s: Annotated[int, Meta(ge=1, le=86_400)]
    unit: str = ""
    phone: str = ""
    """An entry of the phone book: somebody who takes it by word of mouth, for the unit that was asked before."""
    calendar: str = ""
    """When it may be asked; left out, the unit's hours, and any hour for a phone."""
    way: Literal["call", "sms", "handover"] = "handover"
    attempts: Annotated[int, Meta(ge=1, le=20)] = 1


class DutyChain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Links in the order in which they are asked."""

    id: str
    name_sv: str
    link: Annotated[tuple[DutyLink, ...], Meta(min_length=1, max_length=20)]


class Ring(NamedTuple):
    """Somebody is being asked: which link, the how manieth time, until when (epoch ms)."""

    link: int
    attempt: int
    until: int


def next_ring(
    chain: DutyChain, is_open: Callable[[DutyLink], bool], now_ms: int, after: Ring | None = None
) -> Ring | None:
    """Who is asked after this ring, or first; None when everybody has been asked as often as may be.

    A link that has closed meanwhile is not asked again, and one that is closed is passed over.
    """
    number = after.link if after else 0
    attempt = after.attempt + 1 if after else 1
    for index, link in enumerate(chain.link[number:], number):
        if attempt <= link.attempts and is_open(link):
            return Ring(index, attempt, now_ms + link.accept_within_s * 1000)
        attempt = 1
    return None


def chain_rung(chains: Mapping[str, DutyChain], decision: Decision) -> DutyChain | None:
    """The chain that a decision's handover rings: the one it names, else in an emergency the one its unit begins."""
    if decision.kind != "hand_over":
        return None
    if decision.duty:
        return chains.get(decision.duty)
    begun = (chain for chain in chains.values() if chain.link[0].unit == decision.unit)
    return next(begun, None) if decision.emergency else None


def calendar_of(link: DutyLink, units: Mapping[str, Unit]) -> str:
    """The calendar of the link's hours; empty is any hour."""
    if link.calendar or not link.unit:
        return link.calendar
    return units[link.unit].calendar


def first_closed(calendar: Calendar) -> str:
    """The first local time at which it is closed; empty where no weekday, holiday or exception closes it."""
    for number in range(PROVEN_DAYS):
        day = PROVEN_FROM + timedelta(days=number)
        reached = 0
        for opens, closes in sorted((*_from_yesterday(calendar, day), *calendar.day_minutes(day))):
            if opens > reached:
                break
            reached = max(reached, closes)
        if reached < FULL_DAY_MINUTES:
            return f"{day} {reached // 60:02d}:{reached % 60:02d}"
    return ""


def _from_yesterday(calendar: Calendar, day: date) -> Minutes:
    """The hours that began the day before, in minutes of this one."""
    before = calendar.day_minutes(day - timedelta(days=1))
    return tuple((opens - FULL_DAY_MINUTES, closes - FULL_DAY_MINUTES) for opens, closes in before)


def read_chains(
    content: Table, units: Mapping[str, Unit], phone_book: Iterable[str], calendars: Mapping[str, Calendar]
) -> dict[str, DutyChain]:
    """The chains of a `duty_chains.toml` already read; every mistake names chain, link and cell."""
    only(content, ("chain",), DUTY_CHAINS)
    chains = many(content, "chain", DutyChain, DUTY_CHAINS)
    numbers = frozenset(phone_book)
    for chain in chains:
        for number, link in enumerate(chain.link, 1):
            _check_link(Place(DUTY_CHAINS, f"chain {chain.id}, link {number}"), link, units, numbers, calendars)
        if not chain.link[0].unit:
            raise Place(DUTY_CHAINS, f"chain {chain.id}, link 1").mistake(
                "unit", "expected a unit: somebody owns what is handed over from the first ring on"
            )
        last = calendar_of(chain.link[-1], units)
        if last and (closed := first_closed(calendars[last])):
            raise Place(DUTY_CHAINS, f"chain {chain.id}, link {len(chain.link)}").mistake(
                "calendar", f'expected the last link to be reachable at every hour, "{last}" is closed {closed}'
            )
    return {chain.id: chain for chain in chains}


def _check_link(
    place: Place,
    link: DutyLink,
    units: Mapping[str, Unit],
    phone_book: frozenset[str],
    calendars: Mapping[str, Calendar],
) -> None:
    if bool(link.unit) == bool(link.phone):
        raise place.mistake("unit", "expected a unit or a phone, one of them")
    if link.unit:
        place.check("unit", "a unit", link.unit, units)
    else:
        place.check("phone", "an entry of the phone book", link.phone, phone_book)
        if link.way == "handover":
            raise place.mistake("way", "expected call or sms: a phone takes no handover")
    if link.calendar:
        place.check("calendar", "a calendar", link.calendar, calendars)
