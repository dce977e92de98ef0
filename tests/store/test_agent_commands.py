"""Agents in the store: profile, presence, form, sockets, leases; what repeating and what draining means."""

from collections.abc import Awaitable, Callable

import pytest

from router.errors import NoCapacity, NotFound, SchemaMismatch, TransitionRefused
from router.journal import AgentRecord, EntryData
from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.commands import prepare
from tests.store.keyspace import dump
from tests.store.scene import CAPACITY, MINUTE_MS, ROUTER, Scene
from tests.store.stages import STAGES

Act = Callable[[Scene], Awaitable[object]]
RECORD = AgentRecord(skills={"waste": 3}, capacity=CAPACITY)


@pytest.fixture
async def scene(store: Store, manual_clock: ManualClock) -> Scene:
    """A floor with one agent who is available."""
    scene = Scene(store, manual_clock)
    await scene.desk("anna")
    return scene


ACTS: dict[str, Act] = {
    "put_agent": lambda s: s.store.agents.put_agent("anna", "Anna", RECORD, CAPACITY, "cli"),
    "set_presence": lambda s: s.store.agents.set_presence("anna", "go_away", reason="lunch"),
    "set_form": lambda s: s.store.agents.set_form("anna", "written"),
    "open_session": lambda s: s.store.agents.open_session("anna", "router-2", "router-2/x"),
    "close_session": lambda s: s.store.agents.close_session("anna", ROUTER, f"{ROUTER}/anna", s.now, "gone"),
}


@pytest.mark.parametrize("name", ACTS)
async def test_an_agents_command_happens_once(scene: Scene, name: str) -> None:
    """One entry that says who, and the same command again changes nothing."""
    position = await scene.store.position()
    await ACTS[name](scene)
    (entry,) = await scene.journal(position)
    assert (entry.command, entry.data.agent) == (name, "anna")
    after = await dump(scene.store)
    await ACTS[name](scene)
    assert await dump(scene.store) == after


@pytest.mark.parametrize("name", ["set_presence", "set_form", "open_session"])
async def test_an_unknown_agent_is_refused(store: Store, manual_clock: ManualClock, name: str) -> None:
    """Nothing is made for somebody whom nobody has described."""
    with pytest.raises(NotFound):
        await ACTS[name](Scene(store, manual_clock))
    assert await dump(store) == {}


@pytest.mark.parametrize("agent", ["", 'an"na', "an\\na", "an\nna", "a" * 200])
async def test_an_agent_id_that_would_break_the_journal_is_refused(store: Store, agent: str) -> None:
    """Ids stand in keys and entries as they are, so they may hold nothing that ends a string."""
    with pytest.raises(SchemaMismatch, match="agent"):
        await store.agents.put_agent(agent, "Anna", RECORD, CAPACITY, "cli")
    assert await dump(store) == {}


async def test_a_profile_is_read_back(scene: Scene) -> None:
    """Skills, capacity and name are kept; presence and lease stay as they were."""
    await ACTS["put_agent"](scene)
    anna = await scene.agent()
    assert (anna.name, anna.record(), anna.presence, anna.lease) == ("Anna", RECORD, "available", "alive")
    assert [agent.id for agent in await scene.store.agents_all()] == ["anna"]


async def test_available_again_keeps_the_place_among_the_idle(scene: Scene) -> None:
    """Who says available twice does not move to the end of those who wait for work."""
    idle_since = (await scene.agent()).idle_since
    scene.clock.advance_s(60)
    assert await scene.store.agents.set_presence("anna", "go_available") == "available"
    assert (await scene.agent()).idle_since == idle_since


@pytest.mark.parametrize("name", ["finish_work", "release_contact", "hand_over_contact", "end_wrap_up", "end_contact"])
async def test_whose_work_has_ended_is_the_last_of_the_idle(scene: Scene, name: str) -> None:
    """Idleness counts from the end of the last work, whatever its end; an offer that came to nothing costs no place."""
    idle_since = (await scene.agent()).idle_since
    scene.clock.advance_s(60)
    await (await prepare(scene, "revoke_offer", await scene.offered(channel="chat")))()
    assert (await scene.agent()).idle_since == idle_since
    contact = await STAGES[{"end_wrap_up": "wrapped", "end_contact": "connecting"}.get(name, "connected")](scene)
    scene.clock.advance_s(60)
    await (await prepare(scene, name, contact))()
    assert (await scene.agent()).idle_since == scene.now


async def test_an_unknown_presence_is_refused(scene: Scene) -> None:
    """Presence moves by its table only."""
    before = await dump(scene.store)
    with pytest.raises(TransitionRefused):
        await scene.store.agents.set_presence("anna", "go_home")
    assert await dump(scene.store) == before


# Draining ------------------------------------------------------------------------------------------------------

LAST_WORK_ENDS: dict[str, tuple[str, str]] = {
    "finish_work": ("connected", "finish_work"),
    "hand_over_contact": ("connected", "hand_over_contact"),
    "release_contact": ("connected", "release_contact"),
    "end_wrap_up": ("wrapped", "end_wrap_up"),
    "decline_offer": ("offered", "decline_offer"),
    "revoke_offer": ("offered", "revoke_offer"),
    "expire_offer": ("expired", "expire_offer"),
    "end_contact while offered": ("offered", "end_contact"),
    "end_contact while connecting": ("connecting", "end_contact"),
}


@pytest.mark.parametrize("how", LAST_WORK_ENDS)
@pytest.mark.parametrize(("bound_for", "reached"), [("offline", "offline"), ("away", "away")])
async def test_who_drains_leaves_when_the_last_work_ends(scene: Scene, how: str, bound_for: str, reached: str) -> None:
    """After the current work means after the last of it, however that ends; before, nothing new is offered."""
    stage, name = LAST_WORK_ENDS[how]
    contact = await STAGES[stage](scene)
    await scene.store.agents.set_presence("anna", "drain", reason="lunch", bound_for=bound_for)
    assert (await scene.agent()).presence == "draining"
    waiting = await scene.receive()
    with pytest.raises(NoCapacity, match="presence"):
        await scene.offer(waiting)
    await (await prepare(scene, name, contact))()
    anna = await scene.agent()
    assert (anna.presence, anna.reason, anna.next) == (reached, "lunch", "")


async def test_who_drains_with_more_work_stays_until_it_is_done(scene: Scene) -> None:
    """One of two chats ends: the agent still drains."""
    first, second = await scene.taken(channel="chat"), await scene.taken(channel="chat")
    await scene.store.agents.set_presence("anna", "drain", bound_for="away")
    await scene.finish(first)
    assert (await scene.agent()).presence == "draining"
    await scene.finish(second)
    assert (await scene.agent()).presence == "away"


async def test_who_drains_without_work_leaves_at_once(scene: Scene) -> None:
    """There is nothing to wait for."""
    assert await scene.store.agents.set_presence("anna", "drain", bound_for="offline") == "offline"


# Sockets and leases --------------------------------------------------------------------------------------------


async def test_a_second_desktop_replaces_the_first(scene: Scene) -> None:
    """The newest socket is the agent's; the older one closing later takes nothing away."""
    store = scene.store
    assert await store.agents.open_session("anna", "router-2", "router-2/x") == f"{ROUTER}/anna"
    assert not await store.agents.close_session("anna", ROUTER, f"{ROUTER}/anna", scene.now, "gone")
    anna = await scene.agent()
    assert (anna.connected, anna.session) == (1, "router-2/x")
    assert (await store.sessions(ROUTER), await store.sessions("router-2")) == ([], ["anna"])


async def test_a_second_desktop_on_the_same_router_is_still_heard_of(scene: Scene) -> None:
    """The router that holds both sockets goes on holding the agent when the older one closes."""
    await scene.store.agents.open_session("anna", ROUTER, f"{ROUTER}/newer")
    assert not await scene.store.agents.close_session("anna", ROUTER, f"{ROUTER}/anna", scene.now, "gone")
    assert await scene.store.sessions(ROUTER) == ["anna"]


async def test_a_lost_lease_gives_each_work_its_time(scene: Scene) -> None:
    """Offers are due at once, a chat after its grace; the agent goes offline and keeps the work until then."""
    chat = await scene.taken(channel="chat")
    offered = await scene.offered(channel="chat")
    await scene.lose()
    anna = await scene.agent()
    assert (anna.presence, anna.reason, anna.lease, anna.connected) == ("offline", "lease_lost", "lost", 0)
    due = dict(await scene.store.due(scene.now + 60 * MINUTE_MS, 10))
    assert due == {f"offer:{offered}": scene.now, f"orphan:{chat}": scene.now + 2 * MINUTE_MS}
    await (await prepare(scene, "revoke_offer", offered))()


async def test_coming_back_in_time_keeps_the_work(scene: Scene) -> None:
    """A new socket before the grace ends takes the orphans' deadlines away."""
    chat = await scene.taken(channel="chat")
    await scene.lose()
    await scene.store.agents.open_session("anna", "router-2", "router-2/x")
    assert dict(await scene.store.due(scene.now + 60 * MINUTE_MS, 10)) == {}
    await scene.finish(chat)
    assert (await scene.contact(chat)).state == "closed"


async def test_a_lease_is_not_lost_by_who_is_here(scene: Scene) -> None:
    """A sweep that comes late finds the agent connected elsewhere and changes nothing but its own list."""
    store = scene.store
    assert not await store.agents.lose_lease("anna", "", scene.grace(), "late")
    await store.agents.open_session("anna", "router-2", "router-2/x")
    position = await store.position()
    assert not await store.agents.lose_lease("anna", ROUTER, scene.grace(), "router_lost")
    assert (await scene.agent()).lease == "alive"
    assert (await store.position(), await store.sessions(ROUTER)) == (position, [])


async def test_a_dead_routers_agents_lose_their_leases(scene: Scene) -> None:
    """Nobody closed the socket, but the router that held it is gone."""
    assert await scene.store.agents.lose_lease("anna", ROUTER, scene.grace(), "router_lost")
    assert not await scene.store.agents.lose_lease("anna", ROUTER, scene.grace(), "router_lost")
    assert (await scene.agent()).lease == "lost"


async def test_a_lease_of_leadership_has_one_holder(scene: Scene) -> None:
    """Whoever holds it may renew it, everybody else waits."""
    assert await scene.store.take_lease("leader", "router-1", 10_000)
    assert await scene.store.take_lease("leader", "router-1", 10_000)
    assert not await scene.store.take_lease("leader", "router-2", 10_000)


async def test_every_read_of_content_leaves_an_entry(scene: Scene) -> None:
    """Who read whose content, and why."""
    position = await scene.store.position()
    await scene.store.agents.record_access("agent:anna", "c1", "history.get")
    (entry,) = await scene.journal(position)
    assert entry.data == EntryData(actor="agent:anna", contact="c1", purpose="history.get")


async def test_an_offer_holds_only_for_the_profile_it_was_planned_with(scene: Scene) -> None:
    """Skills change between the plan and the offer: the store refuses, whatever the planner has not heard of yet."""
    agents, contact = scene.store.agents, await scene.receive()
    planned = await agents.put_agent("anna", "Anna", RECORD, CAPACITY, "cli")
    known = await scene.store.agent("anna")
    assert known is not None
    assert known.profile_n == planned
    await agents.put_agent("anna", "Anna", AgentRecord(capacity=CAPACITY), CAPACITY, "cli")
    with pytest.raises(NoCapacity, match="profile"):
        await scene.offer(contact, profile_n=planned)
    await scene.offer(contact, profile_n=planned + 1)
    assert (await scene.contact(contact)).state == "offered"
