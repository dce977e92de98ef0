"""The life of a callback under any course of events: always to an end, never too often, too soon or after hours."""

import asyncio
import contextlib
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from router.callback_rules import BETWEEN_MS, MOST_ATTEMPTS
from router.errors import ServicecenterError
from router.journal import Entry
from router.lifecycle import is_final
from router.simulation.memory_store import MemoryStore
from tests.laws.house import House
from tests.manual_clock import ManualClock

PERSON = {"phone": "070-174 06 05", "email": "resident@example.se"}
HOUR_S = 3_600
DAYS = 12
MISSED = ["no_answer", "busy", "no_answer", "wrong_number"]
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([30, 300, 700, 1_000, HOUR_S, 7 * HOUR_S, 20 * HOUR_S])),
    st.tuples(st.just("answer"), st.integers(0, 5)),
    st.tuples(st.just("break"), st.integers(0, 1)),
    st.tuples(st.just("away"), st.integers(0, 1)),
    st.tuples(st.just("lost"), st.integers(0, 1)),
    st.tuples(st.just("rings"), st.just(0)),
    st.tuples(st.just("hangs up"), st.just(0)),
    st.tuples(st.just("closed"), st.integers(1, 30)),
)


class Life:
    """One callback, one agent, and whatever happens; every entry is looked at in its own moment."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.new: list[Entry] = []
        self.house = House(MemoryStore(self.clock, [self.new.append]), self.clock, folder)
        self.contact = ""
        self.end = ""
        self.missed: list[int] = []
        self.owed = 0

    async def begin(self, slot_h: int, by: str) -> None:
        """Anna has a call and promises to call back: at once in turn, or at a time."""
        await self.house.seat("anna")
        self.contact = await self.house.receive("phone", person=PERSON)
        await self.house.dispatch()
        await self.house.accept(self.contact)
        possible = self.house.opening.opens_at("generalist", self.clock.now_ms() + slot_h * HOUR_S * 1000)
        when: dict[str, object] = {"at": _text(possible)} if slot_h else {"keep_place": True}
        await self.house.command("anna", "callback.schedule", contact_id=self.contact, by=by, **when)
        await self.settle()

    async def step(self, kind: str, number: int) -> None:
        """One thing happens; what is refused happens not."""
        with contextlib.suppress(ServicecenterError):
            await self._happen(kind, number)
        await self.settle()

    async def _happen(self, kind: str, number: int) -> None:
        house = self.house
        match kind:
            case "wait":
                await self.wait(number)
            case "answer":
                await self.answer(number)
            case "break":
                await house.command("anna", "presence.set", state="away" if number else "available", reason="lunch")
            case "away":
                await house.connect("anna")
                await house.command("anna", "presence.set", state="available")
            case "lost":
                await house.disconnect("anna")
            case "rings":
                await house.receive("phone", person=PERSON)
            case "hangs up":
                await house.leave(self.contact)
            case _:
                until = _text(self.clock.now_ms() + number * HOUR_S * 1000)
                order = {"queue": "generalist", "until": until, "reason": "stängt"}
                await house.desk.command("eva", "queue.close", order, role="supervisor")
                await house.orders.load()

    async def answer(self, number: int) -> None:
        """Anna takes what she is offered, and tells how the call went."""
        await self.house.dispatch()
        seen = await self.house.contact(self.contact)
        if seen.state == "offered":
            seen = await self.house.accept(self.contact)
        if seen.callback_state == "dialling" and number < len(MISSED):
            await self.house.command("anna", "callback.result", contact_id=self.contact, result=MISSED[number])
        elif seen.callback_state == "dialling":
            await self.house.command("anna", "callback.result", contact_id=self.contact, result="connected")
        elif seen.callback_state == "connected":
            outcomes = [{"resolution": "answered"}]
            await self.house.command("anna", "work.finish", contact_id=self.contact, outcomes=outcomes)

    async def wait(self, seconds: int) -> None:
        """Time passes in parts, so that everything falls due in its own time."""
        until = self.clock.now_ms() + seconds * 1000
        while self.clock.now_ms() < until:
            self.clock.advance_s(min(60 if seconds < 2 * HOUR_S else 900, (until - self.clock.now_ms()) / 1000))
            await self.settle()

    async def settle(self) -> None:
        """What follows by itself."""
        await self.house.sweep()
        await self.house.dispatcher.load()
        await self.house.waiting.look(self.house.dispatcher.floor)
        self.look()

    def look(self) -> None:
        """Hold every entry against the rules of callbacks."""
        entries = list(self.new)
        self.new.clear()
        for entry in entries:
            moved = [each for each in entry.transitions if each.machine == "callback" and self.is_ours(each.id)]
            self.owed += sum(each.machine == "closure_notice" for each in entry.transitions)
            for each in moved:
                self._check(entry, each.event, each.after)

    def is_ours(self, callback: str) -> bool:
        """Whether it is the callback that this life is about."""
        return callback == f"{self.contact}.b1"

    def _check(self, entry: Entry, event: str, after: str) -> None:
        if event == "fall_due" and entry.command != "move_callback":
            assert self.house.opening.is_open("generalist", entry.at), "due while nobody is there"
        if event == "dial":
            assert not self.missed or entry.at >= self.missed[-1] + BETWEEN_MS, "too soon"
            assert len(self.missed) < MOST_ATTEMPTS, "too often"
        if event == "not_answered":
            self.missed.append(entry.at)
        if after == "given_up":
            assert any(each.machine == "closure_notice" for each in entry.transitions), "given up without a word"
        if is_final("callback", after):
            self.end = after

    async def finish(self) -> None:
        """From now on anna is at work in opening hours, and nobody answers."""
        await self.house.connect("anna")
        for _ in range(DAYS * 96):
            if self.end:
                break
            self.clock.advance_s(900)
            await self.house.connect("anna")
            await self.settle()
            await self.step("break", 0)
            await self.step(
                "answer", 5 if (await self.house.contact(self.contact)).callback_state == "connected" else 0
            )


def _text(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()


async def _lived(slot_h: int, by: str, steps: Sequence[tuple[str, int]]) -> Life:
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder))
        async with life.house:
            await life.begin(slot_h, by)
            for kind, number in steps:
                await life.step(kind, number)
            await life.finish()
        return life


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([0, 2, 11, 30]), st.sampled_from(["queue", "me"]), st.lists(STEPS, max_size=14))
def test_every_callback_comes_to_a_good_end(slot_h: int, by: str, steps: list[tuple[str, int]]) -> None:
    """Kept, given up with a message owed, or superseded by the resident's own call."""
    life = asyncio.run(_lived(slot_h, by, steps))
    assert life.end in {"kept", "given_up", "superseded"}
