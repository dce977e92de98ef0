"""Outcomes amended in the store: also of a contact that has left it, once, fenced, until the freeze."""

import msgspec
import pytest

from router.errors import NotYours, OutcomeFrozen, StaleRevision, TransitionRefused
from router.journal import EntryData, Outcome
from router.store import runner
from router.store.redis_store import Store
from router.store.runner import Done
from tests.manual_clock import ManualClock
from tests.store.keyspace import dump
from tests.store.scene import Scene
from tests.store.stages import STAGES

DAY_MS = 86_400_000


@pytest.fixture
async def scene(store: Store, manual_clock: ManualClock) -> Scene:
    """A floor with three agents at their desks."""
    scene = Scene(store, manual_clock)
    for agent in ("anna", "berit", "cecilia"):
        await scene.desk(agent)
    return scene


async def amend(
    scene: Scene, contact: str, resolution: str = "answered", *, agent: str = "anna", seen: int = -1
) -> Done:
    """Amend the outcomes of a contact that freezes in a day."""
    outcomes = (Outcome("KUF.BIB", resolution),)
    data = EntryData(contact=contact, agent=agent, actor=f"agent:{agent}", outcomes=outcomes)
    return await scene.store.outcomes.amend_outcome(contact, agent, scene.now + DAY_MS, data, expected=seen)


async def forget(scene: Scene, contact: str) -> None:
    """The contact is in every register and leaves the store."""
    scene.clock.advance_s(60)
    assert await scene.store.contacts.forget_contact(contact)


@pytest.mark.parametrize("is_gone", [False, True])
async def test_an_amendment_is_one_entry_and_counts(scene: Scene, is_gone: bool) -> None:
    """Whether the contact is still here or not: its outcomes, no move, and how often it happened."""
    contact = await STAGES["closed"](scene)
    if is_gone:
        await forget(scene, contact)
    position = await scene.store.position()
    first, second = await amend(scene, contact), await amend(scene, contact, "guided", seen=1)
    entries = await scene.journal(position)
    assert [(entry.command, entry.transitions) for entry in entries] == [("amend_outcome", ())] * 2
    assert [entry.data.outcomes[0].resolution for entry in entries] == ["answered", "guided"]
    assert [(done.n, done.rev) for done in (first, second)] == [(entries[0].n, 1), (entries[1].n, 2)]
    assert await scene.store.outcomes.amended([contact, "c9"]) == [(2, second.n), (0, 0)]


async def test_an_amendment_sent_twice_happens_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also behind others, and when the contact has left in between."""
    contact = await STAGES["closed"](scene)

    async def as_command(name: str, resolution: str) -> Done:
        monkeypatch.setattr(runner, "new_command_id", lambda: name)
        return await amend(scene, contact, resolution)

    first = await as_command("aaaa", "answered")
    await as_command("bbbb", "guided")
    await forget(scene, contact)
    before = await dump(scene.store)
    assert await as_command("aaaa", "answered") == first
    assert await dump(scene.store) == before


async def test_the_second_of_two_hears_of_the_first(scene: Scene) -> None:
    """Both saw it unamended: the later one is refused with how often it has been amended by now."""
    contact = await STAGES["closed"](scene)
    await amend(scene, contact, seen=0)
    before = await dump(scene.store)
    with pytest.raises(StaleRevision, match="1"):
        await amend(scene, contact, "guided", seen=0)
    assert await dump(scene.store) == before


@pytest.mark.parametrize(
    ("stage", "agent", "error"),
    [("connected", "anna", TransitionRefused), ("queued", "anna", TransitionRefused), ("closed", "berit", NotYours)],
)
async def test_what_is_not_finished_or_not_theirs_is_refused(
    scene: Scene, stage: str, agent: str, error: type[Exception]
) -> None:
    """The store looks once more: what was true for the register may not be any more. Nothing is written."""
    contact = await STAGES[stage](scene)
    before = await dump(scene.store)
    with pytest.raises(error):
        await amend(scene, contact, agent=agent)
    assert await dump(scene.store) == before


async def test_the_freeze_is_the_end(scene: Scene) -> None:
    """A millisecond before it is taken, at the freeze it is not, and nothing is remembered any more."""
    contact = await STAGES["closed"](scene)
    data = EntryData(contact=contact, agent="anna", outcomes=(Outcome("KUF.BIB", "answered"),))
    with pytest.raises(OutcomeFrozen):
        await scene.store.outcomes.amend_outcome(contact, "anna", scene.now, data)
    assert await scene.store.outcomes.amended([contact]) == [(0, 0)]
    await scene.store.outcomes.amend_outcome(contact, "anna", scene.now + 60_000, msgspec.structs.replace(data))
    left_ms = await scene.store.runner.read("PTTL", scene.store.keys.amended(contact))
    assert isinstance(left_ms, int)
    assert 0 < left_ms <= 60_000
