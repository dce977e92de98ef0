"""Who can do what in a scene: the words of its events, the command that each stands for, what else it may say. Pure.

One table: reading, playing and `docs/scenes.md` all follow it.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from router.desk.commands import CLICKED

Kind = Literal[
    "text", "contact", "agent", "queue", "unit", "topic", "moment", "length", "yes", "whole", "levels", "names",
    "steps", "refusal",
]  # fmt: skip
"""What a cell holds: a word or sentence, a name of the scene, a clock, a length of time, yes or no, a number, ..."""


class Verb(NamedTuple):
    """One thing that somebody can do."""

    takes: Kind
    """What the verb's own cell holds."""
    command: str
    """The desktop's command, or what the integration or the unit does."""
    also: tuple[str, ...] = ()
    """Other cells of the event."""
    needs: tuple[str, ...] = ()
    """Those of them that must be there."""
    says: str = ""


ARRIVING = (
    "queue", "needs", "keep", "route", "person", "reach", "text", "topic", "received", "count", "every", "emergency",
    "restricted", "ahead", "target", "prefer_last", "handed_to",
)  # fmt: skip

CONTACT: Mapping[str, Verb] = {
    "arrives": Verb(
        "text", "receive", ARRIVING, says="somebody gets in touch by this channel: phone, chat, email, web, visit"
    ),
    "leaves": Verb("yes", "leave", ("reason",), says="they hang up or close the window"),
    "writes": Verb("text", "write", says="they write on; these are their words"),
}
AGENT: Mapping[str, Verb] = {
    "accepts": Verb("contact", "offer.accept", says="takes the offer"),
    "declines": Verb("contact", "offer.decline", ("reason",), says="says no to the offer"),
    "finishes": Verb(
        "contact",
        "work.finish",
        ("how", "cause", "evidence"),
        says="ends the work; `how` is the outcome, answered without a word",
    ),
    "holds": Verb("contact", "work.hold", says="lets the resident wait on hold"),
    "resumes": Verb("contact", "work.resume", says="goes on after a hold, or takes parked work up again"),
    "parks": Verb(
        "contact",
        "work.park",
        ("until", "reply", "unit"),
        says="puts the work aside until a time, a reply or a unit's word",
    ),
    "transfers": Verb(
        "contact",
        "work.transfer",
        ("to_agent", "to_queue", "to_unit", "to_number", "how"),
        says="passes it on; `how` is cold or warm",
    ),
    "consults_about": Verb("contact", "consult.start", ("to_agent",), ("to_agent",), "asks another agent to take part"),
    "joins": Verb("contact", "consult.answer", says="takes part in what they were asked about"),
    "refuses": Verb("contact", "consult.decline", ("reason",), says="does not take part"),
    "parts_from": Verb("contact", "consult.end", says="ends a consult"),
    "hands_over": Verb("contact", "handover.create", ("to_unit",), ("to_unit",), "hands it over to a unit"),
    "promises_call": Verb(
        "contact",
        "callback.schedule",
        ("call_at", "keep_place", "by"),
        says="promises a call, at a time or in their turn; `by` is queue or me",
    ),
    "called": Verb(
        "contact",
        "callback.result",
        ("result",),
        ("result",),
        "says what came of the call: connected, no_answer, busy, wrong_number",
    ),
    "pulls": Verb("contact", "work.pull", says="takes a waiting contact by themselves"),
    "pulls_from": Verb("queue", "work.pull", says="takes the first contact of a queue"),
    "attaches": Verb(
        "contact", "contact.attach", ("to_contact",), ("to_contact",), "answers it as one with the contact in hand"
    ),
    "answers_resident": Verb("contact", "message.send", ("text",), says="writes to the resident"),
    "saves_draft": Verb(
        "contact", "draft.save", ("text",), ("text",), "keeps words that are not sent yet; they follow the work"
    ),
    "sets_topic": Verb("contact", "topic.set", ("topic",), ("topic",), "says what it is about"),
    "ends_wrap_up": Verb("contact", "wrap_up.end", says="is done with it"),
    "extends_wrap_up": Verb("contact", "wrap_up.extend", ("length",), says="needs more time"),
    "undoes": Verb("contact", "work.undo", says="takes back what they did within the last 10 seconds"),
    "agrees_about": Verb("contact", "suggestion.answer", ("consent",), says="answers a suggestion"),
    "goes": Verb(
        "text", "presence.set", ("reason", "when"), says="available, away or offline; `when` is now or after_current"
    ),
    "takes_work": Verb("text", "presence.form", says="live, written or both"),
    "comes_to_work": Verb("yes", "connect", says="opens the desktop and is available"),
    "loses_connection": Verb("yes", "disconnect", says="the cable is out"),
    "reconnects": Verb("yes", "connect", says="the desktop is back"),
}
SUPERVISOR: Mapping[str, Verb] = {
    "assigns": Verb(
        "contact", "contact.assign", ("to_agent", "wait", "reason"), ("to_agent",), "this agent shall have it"
    ),
    "takes_back": Verb("contact", "contact.requeue", ("reason",), says="it waits for everybody again, at its place"),
    "moves": Verb("contact", "contact.move", ("to_queue", "reason"), ("to_queue",), "it waits in another queue"),
    "puts_ahead": Verb(
        "contact", "contact.priority", ("length", "reason"), ("length",), "it goes so long ahead of others"
    ),
    "cancels": Verb("contact", "contact.cancel", ("reason",), says="nobody needs an answer any more"),
    "revokes": Verb("contact", "offer.revoke", ("reason",), says="takes the offer back"),
    "sets_presence": Verb(
        "agent", "agent.presence.set", ("to", "when", "reason"), ("to",), "sets somebody available, away or offline"
    ),
    "sets_skills": Verb("agent", "agent.skills.set", ("skills", "reason"), ("skills",), "all their skills from now on"),
    "opens": Verb(
        "queue", "queue.open", ("until", "reason"), says="opens a queue, or ends an order to close or divert it"
    ),
    "closes": Verb("queue", "queue.close", ("until", "reason"), says="closes a queue"),
    "diverts": Verb(
        "queue",
        "queue.divert",
        ("to_queue", "until", "reason"),
        ("to_queue",),
        "sends a queue's new contacts elsewhere",
    ),
    "changes_hours": Verb(
        "queue",
        "hours.exception",
        ("date", "hours", "reason"),
        ("date",),
        "other hours on one day; without hours it is closed",
    ),
    "declares_crisis": Verb(
        "moment",
        "crisis.on",
        ("reason",),
        says="until then written work waits, for who takes calls as well as for who writes only",
    ),
    "ends_crisis": Verb("yes", "crisis.off", ("reason",), says="the crisis is over"),
    "listens_to": Verb("contact", "leg.join", ("reason",), says="listens"),
    "speaks_in": Verb("contact", "leg.join", ("reason",), says="takes part"),
    "leaves": Verb("contact", "leg.leave", says="takes part no more"),
}
UNIT: Mapping[str, Verb] = {
    "accepts": Verb("contact", "accept", says="takes the handover"),
    "returns": Verb("contact", "return", ("reason",), says="sends it back"),
    "finishes": Verb("contact", "done", says="is done with it"),
    "reports": Verb("contact", "progress", says="says a word that parked work may wait for"),
}
SUBJECTS: Mapping[str, Mapping[str, Verb]] = {
    "contact": CONTACT,
    "agent": AGENT,
    "supervisor": SUPERVISOR,
    "unit": UNIT,
}
WHEN = ("at", "after")
REFUSED = "refused"
"""A cell of any event: the command is refused, with this problem; `true` is any."""
ANY = "any"

PRESENCES = ("available", "away", "offline")
CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("goes", "goes"): PRESENCES,
    ("goes", "when"): ("now", "after_current"),
    ("sets_presence", "to"): PRESENCES,
    ("sets_presence", "when"): ("now", "after_current"),
    ("takes_work", "takes_work"): ("live", "written", "both"),
    ("finishes", "how"): CLICKED,
    ("finishes", "cause"): ("knowledge", "right", "system", "law", "resident"),
    ("transfers", "how"): ("cold", "warm"),
    ("promises_call", "by"): ("queue", "me"),
    ("called", "result"): ("connected", "no_answer", "busy", "wrong_number"),
}
"""The only words of some cells, by verb and cell."""

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(
        (
            "reason",
            "how",
            "cause",
            "evidence",
            "by",
            "result",
            "text",
            "when",
            "to",
            "person",
            "date",
            "to_number",
        ),
        "text",
    ),
    REFUSED: "refusal",
    **dict.fromkeys(("to_agent",), "agent"),
    **dict.fromkeys(("queue", "to_queue"), "queue"),
    **dict.fromkeys(("unit", "to_unit", "handed_to"), "unit"),
    "to_contact": "contact",
    "topic": "topic",
    **dict.fromkeys(("until", "received", "call_at"), "moment"),
    **dict.fromkeys(("wait", "length", "every", "target", "prefer_last", "ahead"), "length"),
    **dict.fromkeys(("reply", "keep_place", "emergency", "restricted", "consent"), "yes"),
    "count": "whole",
    **dict.fromkeys(("needs", "skills"), "levels"),
    **dict.fromkeys(("keep", "reach", "hours"), "names"),
    "route": "steps",
}
"""What the other cells of events hold."""
