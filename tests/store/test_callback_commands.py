"""What the commands on callbacks write, stage by stage; that each happens once and whole is proven for all commands."""

import pytest

from router.journal import Entry
from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.commands import prepare
from tests.store.scene import Scene
from tests.store.stages import STAGES, after, agent_at


@pytest.fixture
async def scene(store: Store, manual_clock: ManualClock) -> Scene:
    """A floor with an agent at her desk."""
    scene = Scene(store, manual_clock)
    await scene.desk("anna")
    return scene


async def last(scene: Scene) -> Entry:
    """The newest entry."""
    return (await scene.journal())[-1]


def moved(entry: Entry) -> list[str]:
    """What the entry moved, in order."""
    return [f"{each.machine}.{each.after}" for each in entry.transitions]


@pytest.mark.parametrize("stage", ["queued", "offered", "connected", "wrapped"])
async def test_a_promise_takes_the_contact_from_whoever_has_it(scene: Scene, stage: str) -> None:
    """It waits for its time alone: no bucket, no agent, no deadline but its own."""
    contact = await STAGES[stage](scene)
    await (await prepare(scene, "promise_callback", contact, agent=agent_at("promise_callback", stage)))()
    seen = await scene.store.contact(contact)
    assert seen
    assert (seen.state, seen.agent, seen.callback_state, seen.channel) == ("callback", "", "promised", "phone")
    assert await scene.store.work("anna") == {}
    assert await scene.store.waiting_in([seen.bucket]) == []
    assert [member for member, _ in await scene.store.due(10**14, 9)] == [f"callback:{contact}"]
    assert (await last(scene)).data.callback == f"{contact}.b1"


async def test_a_promise_in_turn_is_one_entry_and_keeps_the_place(scene: Scene) -> None:
    """Promised, due and queued again at the score that it had."""
    contact = await scene.taken()
    before = await scene.store.contact(contact)
    await (await prepare(scene, "promise_in_turn", contact))()
    seen = await scene.store.contact(contact)
    assert seen
    assert before
    assert [(each, score) for _, each, score in await scene.store.waiting_in([seen.bucket])] == [
        (contact, before.ready_at)
    ]
    assert moved(await last(scene)) == [
        *("leg.ended", "contact.callback", "callback.promised", "callback.due", "contact.queued"),
        "closure_notice.owed",
    ]


async def test_attempts_are_counted_and_a_move_does_not_forgive_them(scene: Scene) -> None:
    """Missed, moved to another day, missed again: two attempts, and each message owed has a name of its own."""
    contact = await STAGES["callback_missed"](scene)
    await after(scene, contact, "move_callback", "fall_due_callback")
    await scene.offer(contact)
    await scene.accept(contact)
    await after(scene, contact, "miss_at_last")
    seen = await scene.store.contact(contact)
    assert seen
    assert (seen.attempts, seen.callback_state, seen.notices) == (2, "given_up", 3)
    owed = [each.id for entry in await scene.journal() for each in entry.transitions if each.event == "owe"]
    assert owed == [f"{contact}.n1", f"{contact}.n2", f"{contact}.n3"]


async def test_whoever_was_reached_may_be_promised_another_call(scene: Scene) -> None:
    """The first promise is kept, the second is a callback of its own, with attempts of its own."""
    contact = await STAGES["callback_connected"](scene)
    await after(scene, contact, "promise_callback")
    seen = await scene.store.contact(contact)
    assert seen
    assert (seen.callback, seen.callback_state, seen.attempts) == (f"{contact}.b2", "promised", 0)
    assert {each.id: each.after for each in (await last(scene)).transitions if each.machine == "callback"} == {
        f"{contact}.b1": "kept",
        f"{contact}.b2": "promised",
    }


@pytest.mark.parametrize("shows", [True, False])
async def test_words_of_an_attached_contact_stand_beside_the_others(scene: Scene, shows: bool) -> None:
    """Until the contact in hand is forgotten; where they may not be read there, they are not put there."""
    other, main = await scene.receive(), await scene.taken()
    seen = await scene.store.contact(other)
    assert seen
    said = await scene.store.content(other)
    entry = (await scene.journal())[0].data
    await scene.store.callbacks.attach_contact(other, "", seen.bucket, seen.rev, main, entry, shows_words=shows)
    assert await scene.store.attached_content(main) == ({other: said} if shows else {})
    assert await scene.store.content(main) == said
    kept = await scene.store.contact(main)
    assert kept
    assert kept.has_attached == int(shows)


async def test_what_is_attached_to_something_gone_leaves_no_words_behind(scene: Scene) -> None:
    """The contact in hand may be over before the other one comes."""
    contact = await STAGES["queued"](scene)
    seen = await scene.store.contact(contact)
    assert seen
    entry = (await scene.journal())[0].data
    await scene.store.callbacks.attach_contact(contact, "", seen.bucket, seen.rev, "c-gone", entry, shows_words=True)
    assert await scene.store.attached_content("c-gone") == {}
