"""Every command on a contact at every stage: what it does, that it happens once, and that a refusal changes nothing."""

from collections.abc import Callable, Mapping

import pytest

from router.errors import NotFound, NotYours, OfferGone, ServicecenterError, StaleRevision, StateError
from router.store import contact_commands, runner
from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.commands import ENTRY_NAMES, Call, prepare
from tests.store.keyspace import dump
from tests.store.scene import Scene
from tests.store.stages import ALLOWED, NOTHING_TO_DO, STAGES, agent_at

EFFECTIVE = [(name, stage) for name, stages in ALLOWED.items() for stage in STAGES if stage in stages]
FENCED = {
    "issue_offer",
    "accept_offer",
    "decline_offer",
    "end_contact",
    "finish_work",
    "requeue_contact",
    "hand_over_contact",
    "park_contact",
    "release_parked",
    "transfer_contact",
    "transfer_leg",
    "transfer_out",
    "recall_outside",
    "pull_contact",
    *("promise_callback", "promise_in_turn", "fall_due_callback", "connect_callback", "miss_callback", "miss_at_last"),
    *("move_callback", "attach_contact", "cancel_contact", "place_contact", "decide_contact", "no_one_possible"),
}
BY_EVENT = {"record_message", "reopen_by_message", "record_progress"}
OWNED = {name for name in ALLOWED if "_handover" not in name} - {
    "issue_offer",
    "requeue_contact",
    "close_contact",
    "pull_contact",
    "connect_side_leg",
    "end_side_leg",
    "fall_due_callback",
    "move_callback",
    "decide_contact",
    "no_one_possible",
    "ring_duty",
    "owe_message",
    "send_owed",
    "put_off_owed",
    "deliver_owed",
    "fail_owed",
    *BY_EVENT,
}
NameNext = Callable[[str], None]


def at_stage(table: Mapping[str, set[str]], stage: str) -> set[str]:
    """The commands that a table names for a stage."""
    return {name for name, stages in table.items() if stage in stages}


async def error_of(call: Call) -> ServicecenterError:
    """The error that the command ends in."""
    with pytest.raises(ServicecenterError) as refused:
        await call()
    return refused.value


@pytest.fixture
async def scene(store: Store, manual_clock: ManualClock) -> Scene:
    """A floor with three agents at their desks."""
    scene = Scene(store, manual_clock)
    await scene.desk("anna")
    await scene.desk("berit")
    await scene.desk("cecilia")
    return scene


@pytest.fixture
def name_next(monkeypatch: pytest.MonkeyPatch) -> NameNext:
    """Gives the next command an id, as when one and the same is sent twice."""

    def use(command_id: str) -> None:
        for module in (runner, contact_commands):
            monkeypatch.setattr(module, "new_command_id", lambda: command_id)

    return use


@pytest.mark.parametrize(("name", "stage"), EFFECTIVE)
async def test_a_command_happens_once_and_leaves_one_entry(
    scene: Scene, name_next: NameNext, name: str, stage: str
) -> None:
    """One entry under its own name; sent again, also behind other commands, the same answer and no change."""
    contact = await STAGES[stage](scene)
    call = await prepare(scene, name, contact, agent=agent_at(name, stage))
    position = await scene.store.position()
    name_next("aaaa")
    reply = await call()
    entries = await scene.journal(position)
    assert [entry.command for entry in entries] == [ENTRY_NAMES.get(name, name)]
    assert (entries[0].at, entries[0].data.contact) == (scene.now, contact)
    after = await dump(scene.store)
    again = await call()
    assert again == ((0, contact) if name in BY_EVENT else reply)
    assert await dump(scene.store) == after
    name_next("bbbb")
    await scene.store.contacts.record_progress(contact, scene.event("between"), 9, b"{}", entries[0].data)
    name_next("cccc")
    if stage in {"connected", "queued", "wrapped"}:
        await scene.store.contacts.record_progress(contact, scene.event("too"), 10, b"{}", entries[0].data)
    between = await dump(scene.store)
    name_next("aaaa")
    assert await call() == again
    assert await dump(scene.store) == between


@pytest.mark.parametrize("stage", STAGES)
async def test_a_command_with_nothing_to_do_changes_nothing(scene: Scene, stage: str) -> None:
    """What is so already is answered with entry number 0 and leaves no trace."""
    contact = await STAGES[stage](scene)
    before = await dump(scene.store)
    for name in at_stage(NOTHING_TO_DO, stage):
        reply = await (await prepare(scene, name, contact))()
        assert isinstance(reply, runner.Done)
        assert reply.n == 0, name
        assert await dump(scene.store) == before, name


@pytest.mark.parametrize("stage", STAGES)
async def test_a_command_at_the_wrong_stage_is_refused_and_changes_nothing(scene: Scene, stage: str) -> None:
    """Whatever the tables do not allow is a conflict for the caller, never a change and never a fault of the store."""
    contact = await STAGES[stage](scene)
    before = await dump(scene.store)
    refused = set(ALLOWED) - {*at_stage(ALLOWED, stage), *at_stage(NOTHING_TO_DO, stage)}
    assert refused
    for name in sorted(refused):
        call = await prepare(scene, name, contact)
        assert isinstance(await error_of(call), (StateError, NotFound)), name
        assert await dump(scene.store) == before, name


@pytest.mark.parametrize("stage", STAGES)
async def test_a_caller_who_saw_an_older_revision_is_refused(scene: Scene, stage: str) -> None:
    """The revision fences: who decided on something that has changed since decides again."""
    contact = await STAGES[stage](scene)
    seen = await scene.contact(contact)
    before = await dump(scene.store)
    for name in at_stage(ALLOWED, stage) & FENCED:
        call = await prepare(scene, name, contact, agent=agent_at(name, stage), expected=seen.rev - 1)
        error = await error_of(call)
        assert isinstance(error, StaleRevision), name
        assert error.detail == str(seen.rev), name
        assert await dump(scene.store) == before, name


@pytest.mark.parametrize("name", sorted(FENCED))
async def test_a_caller_who_saw_the_current_revision_is_heard(scene: Scene, name: str) -> None:
    """The fence lets pass who has seen how things stand."""
    stage = min(ALLOWED[name])
    contact = await STAGES[stage](scene)
    seen = await scene.contact(contact)
    reply = await (await prepare(scene, name, contact, agent=agent_at(name, stage), expected=seen.rev))()
    assert isinstance(reply, runner.Done)
    assert reply.n > 0


@pytest.mark.parametrize("stage", STAGES)
async def test_somebody_elses_contact_is_refused(scene: Scene, stage: str) -> None:
    """Only the agent who holds the offer or the leg can act on it."""
    contact = await STAGES[stage](scene)
    before = await dump(scene.store)
    for name in at_stage(ALLOWED, stage) & OWNED:
        call = await prepare(scene, name, contact, agent="berit")
        assert isinstance(await error_of(call), (NotYours, OfferGone, StaleRevision)), name
        assert await dump(scene.store) == before, name


@pytest.mark.parametrize("name", ALLOWED)
async def test_an_unknown_contact_is_refused(scene: Scene, name: str) -> None:
    """A contact that is not here, or has left the store, gives a refusal and no half-made keys."""
    call = await prepare(scene, name, "c-nowhere")
    before = await dump(scene.store)
    assert isinstance(await error_of(call), (NotFound, OfferGone, NotYours))
    assert await dump(scene.store) == before
