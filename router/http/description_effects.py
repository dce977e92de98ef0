"""What each command means to people: what it does beyond its first sentence, who is told, when it is refused. Words.

Events and problems stand in backticks: a test holds them against those that there are.
"""

from collections.abc import Mapping
from typing import NamedTuple

UNDO_S = 10
SELF = "nobody: the answer is all there is; nothing is journaled"
_SIDES = "; whoever takes part beside them gets `leg.ended`"


class Effect(NamedTuple):
    """One command in words."""

    told: str
    """Who hears of it, and as which events."""
    refused: str
    """When it is refused, beside malformed data; empty when nothing else stands against it."""
    more: str = ""
    """What a reader must know beside the first sentence."""
    can_undo: bool = False
    """Whether `work.undo` takes it back within ten seconds."""


AGENT_EFFECTS: Mapping[str, Effect] = {
    "presence.set": Effect(
        "the agent: `presence.available`, `presence.away`, `presence.draining` or `presence.offline`; offers that were "
        "out to them return: `offer.revoked`, without blame",
        "",
        "`after_current` takes nothing new and reaches the state when the hands are empty. After an absence offers "
        "ramp up instead of flooding in.",
    ),
    "presence.form": Effect("the agent: `form.set`", "", "Work in hand stays."),
    "offer.accept": Effect(
        "the agent: `offer.accepted` with the leg; a written offer beside a live one returns: `offer.revoked`",
        "the offer has been answered, taken back or has expired (`offer-gone`), is another agent's (`not-yours`), or "
        "the contact has changed since (`stale-revision`)",
        "Accepting twice happens once.",
    ),
    "offer.decline": Effect(
        "the agent: `offer.declined`; after too many live ones in a row `presence.away` (`reason` `declined`)",
        "as `offer.accept`, and `not-found` when the contact is over",
        "The contact keeps its place and is not offered to this agent for a while, unless nobody else may take it.",
    ),
    "message.send": Effect(
        "whoever takes part beside the agent: `message.sent` with the words; the agent has the answer",
        "the contact is not with the agent (`not-yours`) or over (`not-found`). With `attachments`: one was not "
        "uploaded for this contact (`not-found`), its channel sends words alone (`files-not-carried`) or takes less "
        "(`too-large`)",
        "Files are uploaded first: `POST /v1/contacts/{id}/attachments` answers with the `blob` that names each here.",
    ),
    "note.add": Effect(
        SELF.replace("nothing is journaled", "the note is kept with the contact"),
        "the contact is not with the agent and they have no part in it (`not-yours`), or it is over (`not-found`)",
    ),
    "topic.set": Effect(
        "the agent: `topic.set`; and, as the strategy is asked again, perhaps `decision.made` or `suggestion.made`",
        "no topic has this code (`unknown-topic`), or the contact is not with the agent (`not-yours`)",
        "What the law says is done at once; anything else waits for `suggestion.answer`.",
    ),
    "person.identify": Effect(
        "the agent: perhaps `decision.made` or `suggestion.made`; when the law gives the contact to others, "
        "`contact.queued`",
        "the contact is not with the agent (`not-yours`) or over (`not-found`)",
        "A protection counts for the person's next contacts too, and is never lifted by this command.",
    ),
    "fact.set": Effect(
        "the agent: perhaps `decision.made` or `suggestion.made`; when the law gives the contact to others, "
        "`contact.queued`",
        "agents don't supply the fact, or the value does not fit it (`unknown-fact`); the contact is not with the "
        "agent (`forbidden`) or over (`not-found`)",
        "What the agent finds out counts for this contact alone.",
    ),
    "person.detach": Effect("the agent: `person.detached`", "as `person.identify`"),
    "contact.read": Effect(
        "nobody; the read and its reason stand in the access record",
        "the contact is restricted or the resident protected, and the reader has no skill that opens it (`forbidden`), "
        "or it is over (`not-found`)",
    ),
    "history.get": Effect(
        "nobody; the read stands in the access record",
        "the agent has no part in the contact (`forbidden`), or the register does not answer (`register-unavailable`)",
        "Unverified residents show topic and date only; shared and unknown ones nothing.",
    ),
    "queue.list": Effect(SELF, ""),
    "typing": Effect(
        SELF,
        "it is no conversation in writing, or it is not going on (`transition-refused`)",
        "A messaging channel may show it to the resident; other channels pass nothing on.",
    ),
    "draft.save": Effect(
        SELF, "the contact is not with the agent (`not-yours`)", "The draft follows the work to whoever has it next."
    ),
    "work.pull": Effect(
        "the agent: `contact.with_agent`; a written offer beside a live contact returns: `offer.revoked`",
        "the queue's contacts are offered, not pulled, or need another skill (`forbidden`), nothing waits there "
        "(`not-found`), it is taken (`transition-refused`), or the agent is not at work or has no room (`no-capacity`)",
    ),
    "work.create": Effect(
        "the agent: `contact.with_agent`; with `direct: false` whoever is offered it",
        "the channel or topic is not known (`unknown-channel`, `unknown-topic`), or the agent has no room "
        "(`no-capacity`); then nothing is registered",
        "It is decided and counted like any other contact.",
    ),
    "work.hold": Effect("the agent: `leg.on_hold`", "the conversation is not going on (`transition-refused`)"),
    "work.resume": Effect(
        "the agent: `leg.connected`, or `contact.with_agent` for parked work",
        "nothing of it stands still (`transition-refused`)",
    ),
    "work.park": Effect(
        "the agent: `contact.parked`" + _SIDES,
        "the contact is not with the agent, or is for others as it turned out (`forbidden`), has changed since `rev` "
        "(`stale-revision`), or there is no such unit (`unknown-unit`)",
        "It takes no room, and comes back by itself: as `contact.with_agent` or through the queue.",
        can_undo=True,
    ),
    "work.transfer": Effect(
        "the agent: `contact.queued` or, warm, `contact.with_agent`, with the wrap-up as a leg beside (`side`); the "
        "other agent: `contact.with_agent` (warm) or an offer (cold)" + _SIDES,
        "the target lacks a skill, or a restricted contact would leave its queue (`forbidden`), is offline or full "
        "(`no-capacity`), warm without a connected consult, or nobody is on the line (`transition-refused`), no such "
        "queue or unit (`unknown-queue`, `unknown-unit`)",
        "Cold, it waits at its kept place; an agent who is named has a minute (written: four open hours) alone. What "
        "went cold can be undone, a call that went outside can't. Whoever is to have it next by phone and does not "
        "answer gives it back: `contact.with_agent` with `status` `recall` to the agent who passed it on and still "
        "wraps up, `contact.queued` otherwise.",
        can_undo=True,
    ),
    "work.undo": Effect(
        "the agent: `contact.with_agent`; the unit that had it: its handover is withdrawn",
        "nothing of the agent's was done to it within ten seconds, or somebody has it by now (`transition-refused`), "
        "or there is no room (`no-capacity`)",
        "Takes back `work.finish`, `wrap_up.end`, `handover.create`, `work.park` and a cold `work.transfer`.",
    ),
    "consult.start": Effect(
        "both agents: `leg.connecting`, the one who is asked with the contact's card",
        "the other lacks a skill that opens it (`forbidden`), is away or full (`no-capacity`), or takes part already "
        "(`transition-refused`)",
    ),
    "consult.answer": Effect(
        "both agents: `leg.connected`",
        "it has ended (`not-found`) or is answered",
        "From then on the agent is told what happens in the contact: hold, messages, transfer, end.",
    ),
    "consult.decline": Effect("both agents: `leg.ended` with the reason", "it is answered (`transition-refused`)"),
    "consult.end": Effect("both agents: `leg.ended`", "it is none of theirs (`not-yours`) or has ended (`not-found`)"),
    "work.finish": Effect(
        "the agent: `contact.closed`" + _SIDES,
        "an outcome lacks its cause or evidence (`unknown-outcome`), a topic is unknown (`unknown-topic`), the contact "
        "is not with the agent (`not-yours`) or has changed since `rev` (`stale-revision`)",
        can_undo=True,
    ),
    "outcome.amend": Effect(
        "the agent whose contact it was: `outcome.amended`; a supervisor who did it gets it too",
        "the contact is not finished (`transition-refused`), another agent had it last (`not-yours`; a supervisor must "
        "give a `reason`: `schema-mismatch`), it was amended since `amendments` (`stale-revision`), an outcome lacks "
        "its cause or evidence (`unknown-outcome`), or the month's figure is frozen (`outcome-frozen`)",
        "What is given replaces what was clicked or left uncoded; a handover that a unit has, and a call that went on "
        "outside, stay. A month freezes `[measures] freeze_days` after its end. To undo it, amend again.",
    ),
    "outcome.list": Effect(
        SELF,
        "the register does not answer (`register-unavailable`)",
        "What ended a moment ago comes within a second, what was amended goes at once.",
    ),
    "handover.preview": Effect(
        SELF, "there is no such unit (`unknown-unit`), or the contact is not with the agent (`forbidden`)"
    ),
    "handover.create": Effect(
        "the agent: `contact.handed_over`; the unit sees it over REST" + _SIDES,
        "there is no such unit (`unknown-unit`), or the contact can't leave the agent now (`transition-refused`)",
        "Deadlines come from the agreement, in the unit's hours. A handover that is returned queues the contact at its "
        "old place.",
        can_undo=True,
    ),
    "wrap_up.extend": Effect(
        "the agent: `leg.wrapping_up` with the new `until`",
        "it would be longer than the queue allows (`schema-mismatch` with `possible_s`), or nothing wraps up "
        "(`transition-refused`)",
    ),
    "wrap_up.end": Effect(
        "the agent: `contact.closed`; for a leg beside, `leg.ended`",
        "nothing wraps up (`transition-refused`)",
        "The matter stays uncoded.",
        can_undo=True,
    ),
    "callback.schedule": Effect(
        "the agent: `contact.callback`" + _SIDES,
        "no number is known or the queue is closed then (`schema-mismatch`, with `possible_at` where there is one), or "
        "the agent does not have the contact in hand (`transition-refused`)",
        "`keep_place` keeps the place in the queue; `by: me` gives it to this agent first.",
    ),
    "callback.result": Effect(
        "the agent: `callback.connected`; otherwise `contact.callback` (another attempt) or, at last, `contact.closed`",
        "nobody is being called (`transition-refused`)",
        "Two attempts at least ten minutes apart; then it is given up with a message owed to the resident.",
    ),
    "contact.attach": Effect(
        "the agent: `contact.closed` of the attached contact, with `to_contact`",
        "it is another person's, restricted, or parked with somebody else (`forbidden`), or it does not wait "
        "(`transition-refused`)",
    ),
    "suggestion.answer": Effect(
        "the agent: with consent what then happens (`contact.queued`, `contact.handed_over`); otherwise "
        "`decision.made` with `status` `refused`",
        "a later decision has replaced it (`stale-revision`), nothing is suggested (`not-found`), or it can't be "
        "passed on now (`transition-refused`)",
    ),
}

_HOLDER = "; all with the supervisor's name (`by`) and reason"
_EVERYBODY = "everybody with a desktop: `order.set` with the order, the supervisor's name and the reason"
_NO_QUEUE = "there is no such queue (`unknown-queue`)"
_PLACED = "the contact has changed since `rev` (`stale-revision`), is over (`not-found`) or in a state that can't wait"

SUPERVISOR_EFFECTS: Mapping[str, Effect] = {
    "floor.watch": Effect(
        "nobody",
        _NO_QUEUE,
        "Frames `floor` follow, the first at once; `alarm.raised` and `alarm.cleared` come as numbered events "
        "within a second. It ends with `off` or a new session, and goes on after a resume.",
    ),
    "queue.waiting": Effect(SELF, _NO_QUEUE, "Contacts that are offered or with somebody stand with the agents."),
    "contact.assign": Effect(
        "the agent who had it, the agent it is for and the supervisor: `contact.queued`, or `offer.revoked` when it "
        "was offered; then `offer.issued` to the agent" + _HOLDER,
        _PLACED + " (`transition-refused`), or the agent takes nothing of its channel or lacks a restricted skill "
        "(`forbidden`)",
        "After `wait_s` it is everybody's again. To undo it, `contact.requeue`.",
    ),
    "contact.requeue": Effect(
        "the agent who had it and the supervisor: `contact.queued`, or `offer.revoked` when it was offered" + _HOLDER,
        _PLACED + " (`transition-refused`)",
        "It keeps its place, and is not offered to the same agent for a while unless nobody else may take it.",
    ),
    "contact.move": Effect(
        "as `contact.requeue`",
        _PLACED + " (`transition-refused`), there is no such queue (`unknown-queue`), or a restricted contact would "
        "leave its queue (`forbidden`)",
        "Its arrival and its place count on. To undo it, move it back.",
    ),
    "contact.priority": Effect(
        "the supervisor: `contact.queued`",
        "it does not wait (`transition-refused`), has changed since (`stale-revision`) or is over (`not-found`)",
        "Measures count from its arrival as before. To undo it, give the negative number.",
    ),
    "contact.cancel": Effect(
        "the supervisor: `contact.cancelled`; if it was offered, both: `offer.revoked`, with it among `moves`"
        + _HOLDER,
        "somebody has it in hand (`transition-refused`: take it back first), it has changed (`stale-revision`) or is "
        "over (`not-found`)",
        "It can't be undone; the contact counts as cancelled, not as abandoned.",
    ),
    "offer.revoke": Effect(
        "the agent: `offer.revoked`" + _HOLDER,
        "it is answered, expired or taken back (`offer-gone`)",
        "Without blame. It goes to others first.",
    ),
    "agent.presence.set": Effect(
        "the agent: as after their own `presence.set`" + _HOLDER,
        "nobody has this id (`not-found`)",
        "Work in hand stays; offers return.",
    ),
    "agent.skills.set": Effect(
        "the agent: `profile.put` with the new profile, and `offer.revoked` (`reason` `skill_removed`) for offers that "
        "need what is gone" + _HOLDER,
        "nobody has this id (`not-found`), or no skill has this code (`unknown-skill`)",
        "All skills are given at once; work in hand stays.",
    ),
    "leg.join": Effect(
        "the agent and the supervisor: `leg.connecting` with `side` and `status` `listen` or `speak`, the supervisor "
        "with the contact's card",
        "nobody has the contact (`transition-refused`)",
        "Sent again it changes the mode: both get `leg.mode_set`. Never secretly: the agent always knows. It leaves an "
        "access record. The supervisor is told what happens in the contact (hold, messages, transfer, end) until they "
        "leave.",
    ),
    "leg.leave": Effect("both: `leg.ended`", "it has ended (`not-found`)"),
    "queue.open": Effect(_EVERYBODY, _NO_QUEUE, "Without `until` it only ends what was ordered before."),
    "queue.close": Effect(
        _EVERYBODY,
        _NO_QUEUE + ", or `until` has passed (`schema-mismatch`)",
        "Who waits is served until the queue's `serve_until`, then leaves by its way out. To undo it, `queue.open`.",
    ),
    "queue.divert": Effect(
        _EVERYBODY,
        _NO_QUEUE + ", it is the same one, or a restricted queue would be opened (`schema-mismatch`)",
        "New contacts only; one hop at most. To undo it, `queue.open`.",
    ),
    "hours.exception": Effect(
        _EVERYBODY,
        _NO_QUEUE + ", or the day or an interval can't be (`schema-mismatch`)",
        "One named day; `open: []` is closed all day. The latest order about the same day stands.",
    ),
    "crisis.on": Effect(
        _EVERYBODY,
        "`until` has passed or is more than 31 days ahead (`schema-mismatch`)",
        "Written work waits while it lasts; it ends by itself. To undo it, `crisis.off`.",
    ),
    "crisis.off": Effect(_EVERYBODY, ""),
    "disturbance.declare": Effect(
        _EVERYBODY,
        "a topic, the area, `until` or `expected_end_at` can't be (`schema-mismatch`)",
        "New reports about these topics inside the area are answered as the strategy says of a known disturbance; "
        "with an `id` that stands it is declared anew. It ends by itself. To undo it, `disturbance.end`.",
    ),
    "disturbance.end": Effect(_EVERYBODY, "no such disturbance stands (`not-found`)"),
}
