"""What a command leaves behind when it breaks off: nothing before its first write, and never a move after one.

Lua has no rollback. Each command is run with a fault put in at every call in turn.
"""

import dataclasses
import hashlib
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import pytest

from router.errors import StoreUnavailable
from router.journal import AgentRecord, EntryData, Outcome
from router.orders import Order
from router.store.leg_commands import SideTimes
from router.store.redis_store import Store
from router.store.scripts import load_scripts
from tests.manual_clock import ManualClock
from tests.store.commands import ENTRY_NAMES, Call, prepare
from tests.store.keyspace import dump, journal_of, wipe
from tests.store.scene import CAPACITY, ROUTER, Scene
from tests.store.stages import ALLOWED, STAGES, agent_at

WRITES = {"SET", "DEL", "INCR", "HINCRBY", "HSET", "HSETNX", "HDEL", "ZADD", "ZREM", "SADD", "SREM", "XADD"}
READS = {"GET", "EXISTS", "HGET", "HMGET", "HGETALL", "HVALS", "HKEYS", "HLEN", "HEXISTS", "ZSCORE"}
SCRIPTS = load_scripts(max_skew_ms=0)
COUNTED = """
local trace, calls = {{}}, 0
local function counted(name, ...)
  calls = calls + 1
  if calls == {fail_at} then
    error({{ err = 'SC broken:' .. name }})
  end
  trace[#trace + 1] = name
  return redis.call(name, ...)
end
local function body()
{text}
end
local reply = body()
if {fail_at} < 0 then
  error({{ err = 'SC trace:' .. table.concat(trace, ',') }})
end
return reply
"""
Arrange = Callable[[Scene], Awaitable[Call]]


def on_contact(name: str, stage: str) -> Arrange:
    """A command on a contact at a stage."""

    async def arrange(scene: Scene) -> Call:
        return await prepare(scene, name, await STAGES[stage](scene), agent=agent_at(name, stage))

    return arrange


async def lease_with_work(scene: Scene) -> Call:
    """Losing a lease with a chat in hand and another offered."""
    await scene.taken(channel="chat")
    await scene.offered(channel="chat")
    await scene.store.agents.close_session("anna", ROUTER, f"{ROUTER}/anna", scene.now, "gone")
    return lambda: scene.store.agents.lose_lease("anna", "", scene.grace(), "gone")


async def closed_contact(scene: Scene) -> Call:
    """Forgetting what is over."""
    contact = await STAGES["closed"](scene)
    scene.clock.advance_s(15)
    return lambda: scene.store.contacts.forget_contact(contact)


async def draft_of_contact(scene: Scene) -> Call:
    """Keeping words that are not sent yet."""
    contact = await scene.taken()
    return lambda: scene.store.legs.save_draft(contact, "anna", "Hej")


async def look_at_contact(scene: Scene) -> Call:
    """Looking at somebody who waits at another time."""
    contact = await scene.receive()
    return lambda: scene.store.queued.look_again(contact, scene.now + 5)


def at_once(call: Callable[[Scene], Awaitable[object]]) -> Arrange:
    """A command that needs nothing but the floor."""

    async def arrange(scene: Scene) -> Call:
        return lambda: call(scene)

    return arrange


async def supervised(scene: Scene) -> Call:
    """A supervisor who listens speaks as well from now on."""
    await scene.desk("berit")
    contact, times = await scene.taken(), SideTimes(scene.now + 60_000, scene.now + 60_000)
    data = EntryData(contact=contact, agent="berit", status="listen")
    joined = await scene.store.legs.begin_side_leg(contact, "berit", "anna", "supervisor", times, data)
    leg = f"{contact}.l{joined.number}"
    return lambda: scene.store.legs.set_leg_mode(leg, "berit", msgspec.structs.replace(data, status="speak"))


async def spare_bucket(scene: Scene) -> Call:
    """A bucket whose only contact is over."""
    await STAGES["closed"](scene)
    store = scene.store
    bucket = next(iter(await store.runner.read_hash(store.keys.buckets))).decode()
    seen = await store.position()
    return lambda: store.queued.forget_bucket(bucket, seen)


async def amended(scene: Scene) -> Call:
    """Outcomes that turn out to be others."""
    contact = await STAGES["closed"](scene)
    data = EntryData(contact=contact, agent="anna", outcomes=(Outcome("KUF.BIB", "guided"),))
    return lambda: scene.store.outcomes.amend_outcome(contact, "anna", scene.now + 60_000, data)


async def strategy_in_service(scene: Scene) -> Call:
    """A strategy version that can be rolled back."""
    await scene.activate("s1")
    found = await scene.store.activations.all()
    record = found.get("s1")
    assert record
    return lambda: scene.store.activations.end_strategy(found.rolled_back(record), found.number)


async def lost_activations(scene: Scene) -> Call:
    """A store that knows of no version, and a router that does."""
    await scene.activate("s1")
    past = (await scene.store.activations.all()).all()
    await scene.store.runner.write("DEL", scene.store.keys.activations)
    return lambda: scene.store.activations.restore_activations(past, 1)


EVERY_STAGE = {"end_contact", "release_contact", "undo_work", "promise_in_turn", "place_contact", "cancel_contact"}
"""Commands whose way depends on the stage; for the others one stage tells as much as all."""
CASES: dict[str, tuple[str, Arrange]] = {
    f"{name} {stage}": (ENTRY_NAMES.get(name, name), on_contact(name, stage))
    for name, stages in ALLOWED.items()
    for stage in sorted(stages, key=list(STAGES).index)[: None if name in EVERY_STAGE else 1]
} | {
    "receive_contact queued": ("receive_contact", at_once(lambda s: s.receive(subject="call-1"))),
    "receive_contact handed_over": ("receive_contact", at_once(lambda s: s.receive_handed_over())),
    "receive_contact answered": ("receive_contact", at_once(lambda s: s.receive_answered())),
    "bury_event": ("bury_event", at_once(lambda s: s.store.contacts.bury_event(s.event("e", subject="x"), "ended"))),
    "put_agent": (
        "put_agent",
        at_once(lambda s: s.store.agents.put_agent("doris", "D", AgentRecord(), CAPACITY, "cli")),
    ),
    "set_presence": ("set_presence", at_once(lambda s: s.store.agents.set_presence("anna", "go_away"))),
    "set_form": ("set_form", at_once(lambda s: s.store.agents.set_form("anna", "live"))),
    "open_session": ("open_session", at_once(lambda s: s.store.agents.open_session("anna", "r2", "r2/x"))),
    "close_session": (
        "close_session",
        at_once(lambda s: s.store.agents.close_session("anna", ROUTER, f"{ROUTER}/anna", s.now, "gone")),
    ),
    "lose_lease": ("lose_lease", lease_with_work),
    "record_access": ("record_access", at_once(lambda s: s.store.agents.record_access("agent:anna", "c1", "history"))),
    "save_draft": ("save_draft", draft_of_contact),
    "look_again": ("look_again", look_at_contact),
    "set_leg_mode": ("set_leg_mode", supervised),
    "amend_outcome": ("amend_outcome", amended),
    "set_order": (
        "set_order",
        at_once(lambda s: s.store.orders.set_order(Order("queue_closed", "centre", reason="x"), "supervisor:eva")),
    ),
    "activate_strategy": ("activate_strategy", at_once(lambda s: s.activate("s1"))),
    "end_strategy": ("end_strategy", strategy_in_service),
    "restore_activations": ("restore_activations", lost_activations),
    "take_lease": ("take_lease", at_once(lambda s: s.store.take_lease("leader", "r1", 1_000))),
    "forget_contact": ("forget_contact", closed_contact),
    "forget_bucket": ("forget_bucket", spare_bucket),
}
WITHOUT_ENTRY = {"bury_event", "take_lease", "forget_contact", "forget_bucket", "save_draft", "look_again"}


def break_at(store: Store, command: str, fail_at: int) -> None:
    """Let the command fail at its call number `fail_at`; -1 runs it through and tells its calls as an error."""
    text = re.sub(r"\bredis\.call\(", "counted(", SCRIPTS[command].text)
    text = text.replace(
        "transitions[#transitions + 1] =", "trace[#trace + 1] = 'move'\n  transitions[#transitions + 1] ="
    )
    text = COUNTED.format(fail_at=fail_at, text=text)
    sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    replaced = {**SCRIPTS, command: dataclasses.replace(SCRIPTS[command], text=text, sha=sha)}
    store.runner._scripts = replaced
    store.runner.writes.scripts = {sha: text}


async def outcome(call: Call) -> str:
    """What the fault said, or '' when the command went through."""
    try:
        await call()
    except StoreUnavailable as error:
        return error.detail
    return ""


@pytest.fixture
async def new_scene(store_url: str, manual_clock: ManualClock) -> AsyncIterator[Callable[[], Awaitable[Scene]]]:
    """Floors that may be spoiled: each has a tenant of its own, and nobody checks afterwards what is left in it."""
    opened: list[Store] = []

    async def make() -> Scene:
        store = Store(store_url, f"spoiled-{uuid.uuid4().hex[:12]}", clock=manual_clock)
        opened.append(store)
        await store.start()
        scene = Scene(store, manual_clock)
        await scene.desk("anna")
        await scene.desk("cecilia")
        return scene

    yield make
    for store in opened:
        await wipe(store)
        await store.stop()


def test_every_command_is_broken() -> None:
    """No command is left out."""
    assert {command for command, _ in CASES.values()} == set(SCRIPTS)


@pytest.mark.parametrize("case", CASES)
async def test_a_fault_before_the_first_write_leaves_everything_as_it_was(
    new_scene: Callable[[], Awaitable[Scene]], case: str
) -> None:
    """At every reading call, and at the first writing one, a fault changes no key; the command can be sent again."""
    command, arrange = CASES[case]
    scene = await new_scene()
    call = await arrange(scene)
    before = await dump(scene.store)
    for fail_at in range(1, 100):
        break_at(scene.store, command, fail_at)
        said = await outcome(call)
        assert said.startswith("broken:"), "the first write was never reached"
        assert await dump(scene.store) == before
        if said.removeprefix("broken:") in WRITES:
            break
        assert said.removeprefix("broken:") in READS
    break_at(scene.store, command, 99)
    assert await outcome(call) == ""
    assert await dump(scene.store) != before


@pytest.mark.parametrize("case", CASES)
async def test_a_command_makes_all_its_moves_before_its_first_write(
    new_scene: Callable[[], Awaitable[Scene]], case: str
) -> None:
    """What can be refused is refused while nothing is written; and a command writes one entry, or none at all."""
    command, arrange = CASES[case]
    scene = await new_scene()
    call = await arrange(scene)
    break_at(scene.store, command, -1)
    said = await outcome(call)
    assert said.startswith("trace:")
    trace = said.removeprefix("trace:").split(",")
    first_write = next(i for i, name in enumerate(trace) if name in WRITES)
    assert "move" not in trace[first_write:]
    assert set(trace) <= {*WRITES, *READS, "move"}
    entries = 0 if command in WITHOUT_ENTRY else 1
    assert (trace.count("INCR"), trace.count("XADD")) == (entries, entries)


@pytest.mark.parametrize(
    "case", ["issue_offer queued", "accept_offer offered", "finish_work connected", "end_contact offered"]
)
async def test_a_fault_among_the_writes_leaves_no_entry_before_the_journal_is_reached(
    new_scene: Callable[[], Awaitable[Scene]], case: str
) -> None:
    """The journal never tells of something that was not even written; whatever fails before the entry leaves none."""
    command, arrange = CASES[case]
    for fail_at in range(1, 100):
        scene = await new_scene()
        call = await arrange(scene)
        entries = len(journal_of(await dump(scene.store)))
        break_at(scene.store, command, fail_at)
        said = await outcome(call)
        assert len(journal_of(await dump(scene.store))) == entries, said
        if said == "broken:XADD":
            return
    pytest.fail("the journal was never reached")
