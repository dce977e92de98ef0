"""The points of a contact's way at which every command is tried, and the commands that may happen at each."""

from collections.abc import Awaitable, Callable, Mapping

from router.journal import EntryData
from tests.store.commands import prepare
from tests.store.scene import Scene

Stage = Callable[[Scene], Awaitable[str]]


async def expired(scene: Scene) -> str:
    """Offered, and nobody answered in time."""
    contact = await scene.offered()
    scene.clock.advance_s(20)
    return contact


async def on_hold(scene: Scene) -> str:
    """With the agent, on hold."""
    contact = await scene.taken()
    await scene.store.contacts.hold_leg(contact, "anna", EntryData(contact=contact))
    return contact


async def wrap_up_over(scene: Scene) -> str:
    """In wrap-up, and its time has passed."""
    contact = await scene.wrapped()
    scene.clock.advance_s(60)
    return contact


async def written(scene: Scene) -> str:
    """A mail with the agent."""
    return await scene.taken(channel="email")


async def interrupted(scene: Scene) -> str:
    """A mail that stands still."""
    contact = await written(scene)
    await (await prepare(scene, "interrupt_leg", contact))()
    return contact


async def parked(scene: Scene) -> str:
    """Put aside by the agent, too long ago to be undone."""
    contact = await scene.taken(channel="email")
    await (await prepare(scene, "park_contact", contact))()
    scene.clock.advance_s(11)
    return contact


async def passed_on(scene: Scene) -> str:
    """Queued again by the agent, who wraps up beside it, too long ago to be undone."""
    contact = await scene.taken()
    await (await prepare(scene, "transfer_contact", contact))()
    scene.clock.advance_s(11)
    return contact


async def just_passed_on(scene: Scene) -> str:
    """The same a moment ago."""
    contact = await scene.taken()
    await (await prepare(scene, "transfer_contact", contact))()
    return contact


async def consulting(scene: Scene) -> str:
    """With the agent, and another one is being asked."""
    contact = await scene.taken()
    await (await prepare(scene, "begin_side_leg", contact))()
    return contact


async def consulted(scene: Scene) -> str:
    """With the agent, and another one takes part."""
    contact = await consulting(scene)
    await (await prepare(scene, "connect_side_leg", contact))()
    return contact


async def given(scene: Scene) -> str:
    """Passed on to the agent who was consulted, whose phone still rings; the first wraps up beside."""
    contact = await consulted(scene)
    await (await prepare(scene, "give_ringing", contact))()
    return contact


async def sent_out(scene: Scene) -> str:
    """Sent on outside by the agent, who wraps up."""
    contact = await scene.taken()
    await (await prepare(scene, "transfer_out", contact))()
    return contact


async def left_alone(scene: Scene) -> str:
    """Finished by the agent too long ago to be undone."""
    contact = await closed(scene)
    scene.clock.advance_s(11)
    return contact


async def abandoned(scene: Scene) -> str:
    """The resident has gone while waiting."""
    contact = await scene.receive()
    await (await prepare(scene, "end_contact", contact, agent=""))()
    return contact


async def closed(scene: Scene) -> str:
    """Finished by the agent."""
    contact = await scene.taken()
    await scene.finish(contact)
    return contact


async def with_unit(scene: Scene) -> str:
    """Handed over and accepted by the unit."""
    contact = await scene.handed_over()
    await (await prepare(scene, "accept_handover", contact))()
    return contact


async def unit_late(scene: Scene) -> str:
    """Handed over, and the unit's time has passed."""
    contact = await scene.handed_over()
    scene.clock.advance_s(60)
    return contact


async def settled(scene: Scene) -> str:
    """Done by the unit."""
    contact = await with_unit(scene)
    await (await prepare(scene, "finish_handover", contact))()
    return contact


async def answer_over(scene: Scene) -> str:
    """Answered, and nobody came back in time."""
    contact = await scene.receive_answered()
    scene.clock.advance_s(120)
    return contact


async def returned(scene: Scene) -> str:
    """Sent back by the unit and queued again."""
    contact = await scene.handed_over()
    await (await prepare(scene, "return_handover", contact))()
    return contact


# Callbacks -------------------------------------------------------------------------------------------------------


async def after(scene: Scene, contact: str, *names: str, agent: str = "anna") -> str:
    """The contact when these commands have been sent, one after the other."""
    for name in names:
        await (await prepare(scene, name, contact, agent=agent))()
    return contact


async def callback_promised(scene: Scene) -> str:
    """The agent has promised a call in a minute."""
    return await after(scene, await scene.taken(), "promise_callback")


async def callback_due(scene: Scene) -> str:
    """The contact waits at its kept place for somebody who calls."""
    return await after(scene, await scene.taken(), "promise_in_turn")


async def callback_offered(scene: Scene) -> str:
    """Somebody is asked to call."""
    contact = await callback_due(scene)
    await scene.offer(contact)
    return contact


async def callback_dialling(scene: Scene) -> str:
    """The agent calls; nobody has answered yet."""
    contact = await callback_offered(scene)
    await scene.accept(contact)
    return contact


async def callback_connected(scene: Scene) -> str:
    """The resident has answered the call."""
    return await after(scene, await callback_dialling(scene), "connect_callback")


async def callback_missed(scene: Scene) -> str:
    """Nobody answered; the next attempt is set."""
    return await after(scene, await callback_dialling(scene), "miss_callback")


async def callback_given_up(scene: Scene) -> str:
    """Nobody answered the last attempt."""
    return await after(scene, await callback_dialling(scene), "miss_at_last")


async def stranded(scene: Scene) -> str:
    """It has been said that nobody can ever take it."""
    return await after(scene, await scene.receive(), "no_one_possible")


async def cancelled(scene: Scene) -> str:
    """Nobody needs an answer any more."""
    return await after(scene, await scene.receive(), "cancel_contact", agent="")


async def attached(scene: Scene) -> str:
    """Answered as one with another contact."""
    return await after(scene, await scene.receive(), "attach_contact", agent="")


async def owing(scene: Scene) -> str:
    """With the agent, who has written words that are not sent yet."""
    contact = await scene.taken()
    await (await prepare(scene, "owe_by_agent", contact))()
    return contact


async def sent(scene: Scene) -> str:
    """With the agent, and their words are sent."""
    contact = await owing(scene)
    await (await prepare(scene, "send_owed", contact))()
    return contact


STAGES: Mapping[str, Stage] = {
    "queued": lambda s: s.receive(),
    "offered": lambda s: s.offered(),
    "expired": expired,
    "connecting": lambda s: s.taken(needs_setup=True),
    "connected": lambda s: s.taken(),
    "on_hold": on_hold,
    "wrapped": lambda s: s.wrapped(),
    "wrap_up_over": wrap_up_over,
    "closed": closed,
    "left_alone": left_alone,
    "written": written,
    "interrupted": interrupted,
    "parked": parked,
    "passed_on": passed_on,
    "just_passed_on": just_passed_on,
    "consulting": consulting,
    "consulted": consulted,
    "sent_out": sent_out,
    "abandoned": abandoned,
    "answered": lambda s: s.receive_answered(),
    "answer_over": answer_over,
    "handed_over": lambda s: s.handed_over(),
    "decided_for_unit": lambda s: s.receive_handed_over(),
    "unit_late": unit_late,
    "with_unit": with_unit,
    "settled": settled,
    "returned": returned,
    "callback_promised": callback_promised,
    "callback_due": callback_due,
    "callback_offered": callback_offered,
    "callback_dialling": callback_dialling,
    "callback_connected": callback_connected,
    "callback_missed": callback_missed,
    "callback_given_up": callback_given_up,
    "stranded": stranded,
    "cancelled": cancelled,
    "attached": attached,
    "owing": owing,
    "sent": sent,
}
PASSED_ON = {"passed_on", "just_passed_on"}
ON_THE_LINE = {"queued", "returned", "stranded", *PASSED_ON}
"""Queued, and the resident waits: who hangs up has gone."""
QUEUED = {*ON_THE_LINE, "callback_due"}
CALLBACK = {"callback_promised", "callback_missed"}
"""Stages at which a contact waits for the time of its callback."""
UNHELD = {*QUEUED, *CALLBACK}
"""Stages at which a contact waits and nobody has it."""
OFFERED = {"offered", "expired", "callback_offered"}
STEADY = {"connected", "owing", "sent", "written", "consulting", "consulted", "callback_connected"}
"""Stages at which the owner's leg is connected."""
TALKING = {*STEADY, "on_hold", "interrupted"}
WRAPPING = {"wrapped", "wrap_up_over", "sent_out"}
WITH_AGENT = {"connecting", "callback_dialling", *TALKING, *WRAPPING}
OWN = {*WITH_AGENT, "parked", "closed", "left_alone"}
"""Stages at which the agent may write about the contact: while it is theirs, and afterwards."""
AT_UNIT = {"handed_over", "unit_late", "decided_for_unit"}
OVER = {"closed", "left_alone", "abandoned", "settled", "callback_given_up", "cancelled", "attached"}
ANSWERED = {"answered", "answer_over"}
ALLOWED: Mapping[str, set[str]] = {
    "interrupt_leg": {"written"},
    "park_contact": {*TALKING, *WRAPPING},
    "resume_contact": {"parked"},
    "release_parked": {"parked"},
    "transfer_contact": TALKING,
    "transfer_leg": {"consulted"},
    "transfer_out": TALKING,
    "recall_outside": {"sent_out"},
    "begin_side_leg": {*WITH_AGENT} - {"consulting", "consulted"},
    "connect_side_leg": {"consulting"},
    "end_side_leg": {"consulting", "consulted"},
    "extend_side_leg": PASSED_ON,
    "pull_contact": ON_THE_LINE,
    "undo_work": {"closed", "handed_over", "just_passed_on"},
    "issue_offer": QUEUED - PASSED_ON,
    "accept_offer": OFFERED,
    "decline_offer": OFFERED,
    "expire_offer": {"expired"},
    "revoke_offer": OFFERED,
    "hold_leg": STEADY,
    "resume_leg": {"on_hold", "interrupted"},
    "connect_leg": {"connecting"},
    "end_contact": {*ON_THE_LINE, *OFFERED, "connecting", *TALKING} - {"callback_offered"},
    "finish_work": {*TALKING, *WRAPPING},
    "end_wrap_up": WRAPPING,
    "force_wrap_up": {"wrap_up_over"},
    "extend_wrap_up": WRAPPING,
    "release_contact": WITH_AGENT,
    "requeue_contact": QUEUED,
    "record_message": set(STAGES) - OVER,
    "reopen_by_message": ANSWERED,
    "close_contact": {"answer_over"},
    "record_progress": set(STAGES),
    "add_note": OWN,
    "send_message": OWN,
    "owe_by_agent": OWN,
    "owe_message": set(STAGES),
    "send_owed": {"owing"},
    "put_off_owed": {"owing"},
    "deliver_owed": {"sent"},
    "fail_owed": {"owing", "sent"},
    "set_topic": OWN,
    "identify_person": OWN,
    "detach_person": OWN,
    "hand_over_contact": {*QUEUED, *TALKING, *WRAPPING, "parked"},
    "accept_handover": AT_UNIT,
    "mark_handover_overdue": {"unit_late"},
    "ring_duty": {"unit_late"},
    "finish_handover": {"with_unit"},
    "return_handover": {*AT_UNIT, "with_unit"},
    "promise_callback": {*QUEUED, *OFFERED, *TALKING, *WRAPPING},
    "promise_in_turn": {*QUEUED, *OFFERED, *TALKING, *WRAPPING},
    "fall_due_callback": CALLBACK,
    "move_callback": CALLBACK,
    "connect_callback": {"callback_dialling"},
    "miss_callback": {"callback_dialling"},
    "miss_at_last": {"callback_dialling"},
    "attach_contact": {*UNHELD, *ANSWERED, "parked"},
    "cancel_contact": {*UNHELD, *OFFERED},
    "place_contact": {*QUEUED, *OFFERED, *WITH_AGENT, "parked"},
    "decide_contact": set(STAGES) - OVER,
    "no_one_possible": QUEUED - {"stranded"},
}
"""The stages at which a command does something; at every other it is refused or has nothing to do."""
NOTHING_TO_DO: Mapping[str, set[str]] = {
    "accept_offer": WITH_AGENT,
    "interrupt_leg": {"interrupted"},
    "accept_handover": {"with_unit"},
    "finish_handover": {"settled"},
    "end_contact": {
        *WRAPPING,
        *OVER,
        *ANSWERED,
        *AT_UNIT,
        *CALLBACK,
        *("parked", "with_unit", "callback_due", "callback_offered", "callback_dialling"),
    },
    "no_one_possible": {"stranded"},
}
"""The stages at which a command answers without an entry: what it wants is so already, or is none of its business."""


BY_HOLDER = {
    *("end_contact", "hand_over_contact", "promise_callback", "promise_in_turn"),
    *("attach_contact", "cancel_contact", "place_contact"),
}
"""Commands that name who has the contact, and nobody while it waits."""


def agent_at(name: str, stage: str) -> str:
    """Who sends the command: the waiting have no agent yet."""
    return "" if name in BY_HOLDER and stage in {*UNHELD, *ANSWERED} else "anna"
