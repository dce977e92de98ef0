"""A made-up city's contacts, one after the other: who, when, how, about what. Pure and the same for the same seed.

Everybody is invented: numbers are from the series that is kept free for fiction, addresses end in example.se.
"""

import random
from collections import deque
from collections.abc import Callable, Iterator

import msgspec

from channels.inbound import InboundContact, InboundPerson, Location
from router.demo import calibration as figures
from router.demo.city_time import moment
from router.demo.demand import CONCERN, DEMANDS, FINNISH, GENERAL, WATER_LEAK, Demand

NUMBERS = tuple(f"+467017406{n:02}" for n in range(5, 100))
CENTRE_LAT, CENTRE_LON = 59.27, 15.21
FAULT_FACTOR = {"app": 40.0, "web": 3.0, "phone": 0.7, "email": 0.5}
"""How much likelier a fault report is to come this way than a question is."""
MENU_SHARE = 0.6
"""Callers who chose their topic in the menu; the others say what it is about."""
LEAK_BEGINS_S, LEAK_LASTS_S, LEAK_FACTOR = 420.0, 5_400.0, 0.35
"""On the first day, minutes after the beginning: a main bursts and for an hour and a half a third more get in touch."""
RECENT = 60


class Arrival(msgspec.Struct, frozen=True):
    """A contact on its way, and how the resident will behave."""

    at_s: float
    """City seconds since the beginning, in opening hours."""
    number: int
    inbound: InboundContact
    patience_s: float | None
    handling_s: float
    solvable: float
    """Chance that a guide who has it finishes it at once."""
    follow_up_after_s: float | None = None
    is_observed: bool = False
    """Went straight to a unit: counted for reach, never routed."""


class Traffic:
    """Arrivals without end, in order."""

    def __init__(self, seed: int, per_city_s: float) -> None:
        self._dice = random.Random(seed)  # noqa: S311 # a show, not a secret
        self._per_s = per_city_s
        self._number = 0
        self._recent: deque[tuple[InboundPerson, Demand]] = deque(maxlen=RECENT)
        self._weights = {
            channel: [demand.share * (FAULT_FACTOR.get(channel, 1.0) if demand.is_fault else 1.0) for demand in DEMANDS]
            for channel in figures.CHANNEL_MIX
        }
        self._script: list[tuple[float, Callable[[float], Arrival]]] = [
            (60.0, self._finnish_call),
            (110.0, self._protected),
            (170.0, self._concern),
        ]

    def __iter__(self) -> Iterator[Arrival]:
        """One arrival after the other; what stands in the script comes at its time."""
        at_s = 0.0
        while True:
            at_s += self._dice.expovariate(self._per_s * self._intensity(at_s))
            while self._script and self._script[0][0] <= at_s:
                due_s, make = self._script.pop(0)
                yield make(due_s)
            yield self._ordinary(at_s)
            if self._dice.random() < figures.OBSERVED_SHARE:
                yield msgspec.structs.replace(self._ordinary(at_s), is_observed=True)

    def _intensity(self, at_s: float) -> float:
        return moment(at_s).intensity * (1 + LEAK_FACTOR * self._leaks(at_s))

    @staticmethod
    def _leaks(at_s: float) -> bool:
        return LEAK_BEGINS_S <= at_s < LEAK_BEGINS_S + LEAK_LASTS_S

    def _ordinary(self, at_s: float) -> Arrival:
        dice = self._dice
        draw = dice.random()
        if draw < figures.FINNISH_SHARE:
            return self._finnish(at_s, self._channel())
        if draw < figures.FINNISH_SHARE + figures.PROTECTED_SHARE:
            return self._protected(at_s)
        if draw < figures.FINNISH_SHARE + figures.PROTECTED_SHARE + 0.002:  # two of a thousand
            return self._concern(at_s)
        channel = self._channel()
        if self._leaks(at_s) and dice.random() < LEAK_FACTOR / (1 + LEAK_FACTOR):
            way = "phone" if dice.random() < 0.8 else "app"  # noqa: PLR2004 # most ring when there is no water
            return self._arrival(at_s, way, WATER_LEAK, self._person(way))
        if self._recent and dice.random() < figures.REPEAT_SHARE:
            person, demand = dice.choice(self._recent)
            return self._arrival(at_s, channel, demand, person)
        demand = dice.choices(DEMANDS, self._weights[channel])[0]
        person = self._person(channel)
        self._recent.append((person, demand))
        return self._arrival(at_s, channel, demand, person)

    def _channel(self) -> str:
        return self._dice.choices(list(figures.CHANNEL_MIX), list(figures.CHANNEL_MIX.values()))[0]

    def _person(self, channel: str) -> InboundPerson:
        """Somebody new. Few numbers are free for fiction, so most callers are known by a reference only."""
        number = self._number
        if channel in {"phone", "chat", "visit"}:
            phone = NUMBERS[number % len(NUMBERS)] if number % 40 == 0 else ""
            return InboundPerson(phone=phone, party_id="" if phone else f"resident-{number:07}")
        return InboundPerson(email=f"resident{number:07}@example.se")

    def _finnish(self, at_s: float, channel: str) -> Arrival:
        person = msgspec.structs.replace(self._person(channel), language="fi")
        return self._arrival(at_s, channel, Demand("", 0, 0.7, FINNISH), person)

    def _finnish_call(self, at_s: float) -> Arrival:
        return self._finnish(at_s, "phone")

    def _protected(self, at_s: float) -> Arrival:
        person = InboundPerson(party_id=f"resident-{self._number:07}", protection="protected_registration", loa=3)
        return self._arrival(at_s, "phone", Demand("", 0, 0.6, GENERAL), person)

    def _concern(self, at_s: float) -> Arrival:
        channel = self._dice.choice(("phone", "email"))
        return self._arrival(at_s, channel, CONCERN, InboundPerson(anonymous=True))

    def _arrival(self, at_s: float, channel: str, demand: Demand, person: InboundPerson) -> Arrival:
        dice = self._dice
        self._number += 1
        written = channel in {"email", "letter", "web", "app"}
        inbound = InboundContact(
            channel=channel,
            person=person,
            topic=demand.code if demand.share and not written and dice.random() < MENU_SHARE else "",
            text=dice.choice(demand.words),
            location=self._place() if demand.is_fault and channel in {"app", "web"} else None,
            preferred_notice="email" if person.email else "none",
        )
        return Arrival(
            at_s=at_s,
            number=self._number,
            inbound=inbound,
            patience_s=figures.patience_s(channel, dice),
            handling_s=figures.HANDLING[channel].draw_s(dice),
            solvable=demand.solved,
            follow_up_after_s=dice.uniform(120, 1_800) if written and dice.random() < figures.FOLLOW_UP_SHARE else None,
        )

    def _place(self) -> Location:
        return Location(
            round(CENTRE_LAT + self._dice.gauss(0, 0.03), 5), round(CENTRE_LON + self._dice.gauss(0, 0.05), 5)
        )
