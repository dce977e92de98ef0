"""Signals between routers: heard on the other one, dropped rather than waited for, with or without a store."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from channels.base import Signal
from router.signals import WAITING, Signals
from router.store.keys import Keys
from tests.http.service_client import ServiceClient
from tests.journeys.waiting import eventually
from tests.manual_clock import ManualClock

Heard = list[tuple[str, str, Signal, int]]


class Side:
    """One router's signals, and what its desktops and channels were told."""

    def __init__(self, url: str, name: str, clock: ManualClock, *, is_here: bool = False) -> None:
        self.signals = Signals(url, Keys("signals"), name, clock.now_ms)
        self.heard: Heard = []
        self.typed: list[tuple[str, str]] = []

        def told(agent: str, contact: str, signal: Signal, number: int) -> bool:
            self.heard.append((agent, contact, signal, number))
            return is_here

        self.signals.listener = told
        self.signals.typing = lambda integration, contact: self.typed.append((integration, contact))


@pytest_asyncio.fixture(loop_scope="module")
async def clock() -> ManualClock:
    """A clock that stands still."""
    return ManualClock()


@pytest_asyncio.fixture(loop_scope="module")
async def sides(service: ServiceClient, clock: ManualClock) -> AsyncIterator[tuple[Side, Side]]:
    """Two routers on one store that hear each other."""
    both = Side(service.run.store.url, "one", clock), Side(service.run.store.url, "two", clock)
    for each in both:
        each.signals.start()
        await each.signals.is_listening.wait()
    yield both
    for each in both:
        await each.signals.stop()


async def test_another_router_hears(sides: tuple[Side, Side], clock: ManualClock) -> None:
    """Marks and typing cross over, once; typing of each contact at most once a second; nobody hears themselves."""
    one, two = sides
    for _ in range(50):
        one.signals.tell("anna", "c1", "typing", 0)
        one.signals.tell_typing("chat", "c1")
    one.signals.tell("anna", "c2", "typing", 0)
    clock.advance_s(1)
    one.signals.tell("anna", "c1", "typing", 0)
    one.signals.tell("anna", "c1", "read", 7)

    async def arrived() -> bool:
        return two.heard[-1:] == [("anna", "c1", "read", 7)]

    await eventually(arrived)
    assert [(contact, signal) for _, contact, signal, _ in two.heard] == [
        ("c1", "typing"), ("c2", "typing"), ("c1", "typing"), ("c1", "read")
    ]  # fmt: skip
    assert two.typed == one.typed == [("chat", "c1")]
    assert len(one.heard) == 4


async def test_who_is_here_is_told_here_alone(
    service: ServiceClient, clock: ManualClock, sides: tuple[Side, Side]
) -> None:
    """A desktop on this router needs no other one."""
    here = Side(service.run.store.url, "three", clock, is_here=True)
    here.signals.start()
    here.signals.tell("berit", "c3", "read", 1)
    here.signals.tell_typing("chat", "c9")

    async def arrived() -> bool:
        return ("chat", "c9") in sides[1].typed

    await eventually(arrived)
    assert [agent for agent, *_ in sides[1].heard if agent == "berit"] == []
    await here.signals.stop()


async def test_without_a_store_signals_are_dropped(clock: ManualClock) -> None:
    """Nothing waits, nothing raises, no more than a few are held; going down takes a moment."""
    lost = Side("redis://127.0.0.1:1/0", "lost", clock)
    lost.signals.start()
    for number in range(10 * WAITING):
        lost.signals.tell("anna", "c1", "read", number)
    assert len(lost.heard) == 10 * WAITING
    async with asyncio.timeout(15):
        await lost.signals.stop()


async def test_what_a_newer_version_says_is_passed_over(service: ServiceClient, sides: tuple[Side, Side]) -> None:
    """Bytes that are no signal are nothing; the next one is heard."""
    one, two = sides
    await service.run.store.runner.write("PUBLISH", Keys("signals").signals, b"\xff{")
    one.signals.tell("anna", "c4", "delivered", 1)

    async def arrived() -> bool:
        return ("anna", "c4", "delivered", 1) in two.heard

    assert await eventually(arrived)
