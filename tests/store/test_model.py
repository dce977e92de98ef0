"""Random commands on a real store beside a small model: the same answers, the same floor, every law after each."""

import asyncio
import itertools
import uuid
from collections.abc import Awaitable
from typing import TypeVar

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from router.errors import NotFound, StateError
from router.journal import Entry
from router.store.redis_store import Store
from router.store.runner import Done
from tests.manual_clock import ManualClock
from tests.store.callback_model import CallbackFloor
from tests.store.commands import prepare
from tests.store.floor_model import ModelAgent, ModelContact
from tests.store.keyspace import broken_chains, broken_laws, dump, journal_of, snapshot, wipe
from tests.store.scene import ROUTER, Scene

T = TypeVar("T")
AGENTS = ("anna", "berit", "cecilia")
PICK = st.integers(0, 10**6)
COMMANDS = (
    *("issue_offer", "accept_offer", "decline_offer", "expire_offer"),
    *("revoke_offer", "hold_leg", "resume_leg", "end_contact", "finish_work", "end_wrap_up", "force_wrap_up"),
    *("extend_wrap_up", "release_contact", "requeue_contact", "add_note", "hand_over_contact", "accept_handover"),
    *("mark_handover_overdue", "ring_duty", "finish_handover", "return_handover"),
    *("interrupt_leg", "park_contact", "resume_contact", "release_parked", "transfer_contact", "end_wrap_beside"),
    *("undo_work", "pull_by_agent"),
    *("promise_callback", "promise_in_turn", "fall_due_callback", "connect_callback", "miss_callback", "miss_at_last"),
    *("attach_contact", "cancel_contact", "place_contact"),
)
UNHELD = {
    *("end_contact", "hand_over_contact", "promise_callback", "promise_in_turn", "fall_due_callback"),
    *("attach_contact", "cancel_contact", "place_contact"),
}
"""Commands that may come from nobody's hand, while a contact waits."""
ENDING = {"attach_contact", "cancel_contact", "end_contact", "miss_at_last", "place_contact"}
"""Commands that cut a way short: one draw in four may take them, or nothing would ever get far."""


def live_owner_legs(entries: list[Entry]) -> dict[str, int]:
    """How many legs of each contact have begun and not ended."""
    state = {move.id: move.after for entry in entries for move in entry.transitions if move.machine == "leg"}
    live: dict[str, int] = {}
    for leg, after in state.items():
        contact = leg.partition(".")[0]
        live[contact] = live.get(contact, 0) + (after not in {"ended", "wrapping_up"})
    return live


class StoreBesideModel(RuleBasedStateMachine):
    """Every rule sends one command to the store and asks the model what should have come of it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, url: str) -> None:
        super().__init__()
        self._loop = loop
        self.clock = ManualClock()
        self.store = Store(url, f"model-{uuid.uuid4().hex[:12]}", clock=self.clock)
        self.scene = Scene(self.store, self.clock)
        self.model = CallbackFloor(self.clock.now_ms)
        self.do(self.store.start())

    def do(self, work: Awaitable[T]) -> T:
        """Run to the end."""
        return self._loop.run_until_complete(asyncio.ensure_future(work, loop=self._loop))

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.do(wipe(self.store))
        self.do(self.store.stop())

    @initialize()
    def sit_down(self) -> None:
        """Three agents at their desks, one caller."""
        for agent in AGENTS:
            self.do(self.scene.desk(agent))
            self.model.agents[agent] = ModelAgent()
        self.receive("", 0)

    @rule(kind=st.sampled_from(["act"] * 5 + ["attempt"] * 2 + ["around"] * 3), first=PICK, second=PICK, third=PICK)
    def step(self, kind: str, first: int, second: int, third: int) -> None:
        """One thing happens. One rule for all, so that every run is a mixture and none is left out of it."""
        getattr(self, kind)(first, second, third)

    def act(self, first: int, second: int, third: int) -> None:
        """Something that should have an effect, of those that could be done now."""
        del third
        name, contact, agent = self._effective(first, second)
        self.command(name, contact, agent)

    def _effective(self, first: int, second: int) -> tuple[str, str, str]:
        """A command that the model would carry out; every kind of command is as likely as the others."""
        able: dict[str, list[tuple[str, str, str]]] = {}
        for contact_id, contact in list(self.model.contacts.items())[-6:]:
            for name, agent in itertools.product(COMMANDS, sorted({contact.agent, *AGENTS})):
                if (agent or name in UNHELD) and self.model.would(name, contact, agent):
                    able.setdefault(name, []).append((name, contact_id, agent))
        if not able:
            return "add_note", next(iter(self.model.contacts)), "anna"
        names = sorted(able if second % 4 == 0 else set(able) - ENDING) or sorted(able)
        chosen = able[names[first % len(names)]]
        return chosen[second % len(chosen)]

    def attempt(self, first: int, second: int, third: int) -> None:
        """Anything at all."""
        contacts = list(self.model.contacts)[-6:]
        self.command(COMMANDS[first % len(COMMANDS)], contacts[second % len(contacts)], AGENTS[third % len(AGENTS)])

    def command(self, name: str, contact_id: str, agent: str) -> None:
        """Somebody wants something of a contact: the store answers as the model does."""
        contact = self.model.contacts[contact_id]
        call = self.do(prepare(self.scene, name, contact_id, agent=agent))
        try:
            reply = self.do(call())
        except (StateError, NotFound):
            actual: bool | None = False
        else:
            assert isinstance(reply, Done)
            actual = True if reply.n else None
        assert actual == self.model.run(name, contact, agent), f"{name} of {contact} by {agent}"

    def around(self, first: int, second: int, third: int) -> None:
        """A contact comes in, time passes, agents come and go."""
        agent = AGENTS[second % len(AGENTS)]
        kinds = (
            self.receive,
            self.receive,
            self.receive,
            self.call_back,
            self.call_back,
            self.wait,
            self.wait,
            self.show,
            self.show,
            self.connect,
            self.disconnect,
            self.lose,
        )
        kinds[first % len(kinds)](agent, third)

    def receive(self, agent: str, pick: int) -> None:
        """A contact comes in."""
        del agent
        channel = ("phone", "chat", "chat", "email")[pick % 4]
        contact = self.do(self.scene.receive(channel=channel))
        self.model.contacts[contact] = ModelContact(channel, self.clock.now_ms())

    def call_back(self, agent: str, pick: int) -> None:
        """A caller who is to be called back, as far as the agent lets it come: a way too long to be found by chance."""
        self.receive(agent, pick)
        contact = list(self.model.contacts)[-1]
        for name, by in (("promise_in_turn", ""), ("issue_offer", agent), ("accept_offer", agent)):
            self.command(name, contact, by)

    def wait(self, agent: str, pick: int) -> None:
        """Time passes."""
        del agent
        self.clock.advance_s((1, 20, 60)[pick % 3])

    def show(self, agent: str, pick: int) -> None:
        """An agent says how things are."""
        event = ("go_available", "go_available", "go_available", "go_away", "drain", "drain", "go_offline")[pick % 7]
        bound_for = ("away", "offline")[pick % 2]
        try:
            self.do(self.store.agents.set_presence(agent, event, bound_for=bound_for))
        except StateError:
            actual = False
        else:
            actual = True
        assert actual == self.model.set_presence(agent, event, bound_for)

    def disconnect(self, agent: str, pick: int) -> None:
        """A socket is gone, sometimes for good."""
        self.do(self.store.agents.close_session(agent, ROUTER, f"{ROUTER}/{agent}", self.scene.now + 15_000, "gone"))
        self.model.agents[agent].is_connected = False
        if pick % 2:
            self.lose(agent, pick)

    def connect(self, agent: str, pick: int) -> None:
        """A desktop is there again."""
        self.do(self.store.agents.open_session(agent, ROUTER, f"{ROUTER}/{agent}"))
        self.model.agents[agent].is_connected, self.model.agents[agent].lease = True, "alive"
        self.show(agent, pick)

    def lose(self, agent: str, pick: int) -> None:
        """A sweep finds somebody gone, or thinks so."""
        del pick
        actual = self.do(self.store.agents.lose_lease(agent, "", self.scene.grace(), "gone"))
        assert actual == self.model.lose_lease(agent)

    @invariant()
    def the_floor_is_as_expected_and_keeps_the_laws(self) -> None:
        """States, owners and places as the model has them; one place each, nothing stuck, a journal without gaps."""
        held = self.do(dump(self.store))
        seen = snapshot(held)
        for contact_id, expected in self.model.contacts.items():
            contact = seen.contacts[contact_id]
            assert contact.callback_state == expected.callback
            assert (contact.state, contact.rev, contact.leg_state, contact.handover_state, contact.agent) == (
                expected.state,
                expected.rev,
                expected.leg,
                expected.handover,
                expected.agent,
            )
            assert (contact.received_at, contact.ready_at) == (expected.received_at, expected.ready_at)
            assert contact.score == contact.ready_at
        for agent_id, wanted in self.model.agents.items():
            agent = seen.agents[agent_id]
            assert (agent.presence, agent.lease, agent.connected == 1) == (
                wanted.presence,
                wanted.lease,
                wanted.is_connected,
            )
        entries = journal_of(held)
        assert broken_chains(entries) == []
        assert broken_laws(seen) == []
        assert all(live <= 1 for live in live_owner_legs(entries).values())


def test_the_store_does_what_its_model_does(store_url: str) -> None:
    """Whatever is tried in whatever order, store and model agree and every law holds after each step."""
    loop = asyncio.new_event_loop()

    class OnThisStore(StoreBesideModel):
        """Bound to this worker's server."""

        def __init__(self) -> None:
            super().__init__(loop, store_url)

    # Shrinking a failure on a real server takes minutes: the steps are printed as they were found.
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    try:
        run_state_machine_as_test(
            OnThisStore, settings=settings(max_examples=40, stateful_step_count=40, deadline=None, phases=phases)
        )
    finally:
        loop.close()
