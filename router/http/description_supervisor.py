"""The supervisor's commands as a table: what each answers, may be refused with, and an example of its data."""

from collections.abc import Mapping

import msgspec

from router.desk.ground import Changed
from router.desk.queues import WaitingList, Watching
from router.http.description_desktop import CONTACT, OFFER, SIDE_LEG, Answered, Json
from router.orders import Order

_STALE = "not-found stale-revision transition-refused"
_WHY: Json = {"reason": "Många väntar på finska."}
_ON: Json = {"contact_id": CONTACT, "rev": 4, **_WHY}
_UNTIL = "2026-11-24T16:00:00+01:00"


class AgentPresence(msgspec.Struct, frozen=True):
    """The agent's presence now."""

    agent_id: str
    presence: str


class AgentSkills(msgspec.Struct, frozen=True):
    """The agent's skills now, and the offers that were taken back for a skill that is gone."""

    agent_id: str
    skills: dict[str, int]
    revoked: list[str]


COMMANDS: Mapping[str, Answered] = {
    "floor.watch": Answered(Watching, "unknown-queue", {"queues": ["bygg", "finska"], "agents": True, "every_s": 1}),
    "queue.waiting": Answered(WaitingList, "unknown-queue", {"queue": "bygg", "medium": "voice", "limit": 20}),
    "contact.assign": Answered(Changed, f"{_STALE} forbidden", {**_ON, "agent_id": "berit", "wait_s": 300}),
    "contact.requeue": Answered(Changed, _STALE, _ON),
    "contact.move": Answered(Changed, f"{_STALE} forbidden unknown-queue", {**_ON, "queue": "gata"}),
    "contact.priority": Answered(Changed, _STALE, {**_ON, "head_start_s": 600}),
    "contact.cancel": Answered(Changed, _STALE, _ON),
    "offer.revoke": Answered(Changed, "offer-gone", {"offer_id": OFFER, **_WHY}),
    "agent.presence.set": Answered(AgentPresence, "not-found", {"agent_id": "berit", "state": "away", **_WHY}),
    "agent.skills.set": Answered(
        AgentSkills, "not-found unknown-skill", {"agent_id": "berit", "skills": {"finska": 3}, **_WHY}
    ),
    "queue.open": Answered(Order, "unknown-queue", {"queue": "gata", "until": _UNTIL, **_WHY}),
    "queue.close": Answered(Order, "unknown-queue", {"queue": "gata", "until": _UNTIL, **_WHY}),
    "queue.divert": Answered(Order, "unknown-queue", {"queue": "gata", "to": "generalist", "until": _UNTIL, **_WHY}),
    "hours.exception": Answered(
        Order,
        "unknown-queue",
        {"queue": "gata", "date": "2026-12-23", "name": "Dan före dopparedan", "open": ["08:00-12:00"], **_WHY},
    ),
    "crisis.on": Answered(Order, "", {"until": _UNTIL, **_WHY}),
    "crisis.off": Answered(Order, "", _WHY),
    "disturbance.declare": Answered(
        Order,
        "",
        {
            "topics": ["VAT.*"],
            "area": {"lat": 59.2968, "lon": 18.0012, "radius_m": 600},
            "message_sv": "Vattenläcka på Storgatan. Vattnet är avstängt.",
            "until": _UNTIL,
            "expected_end_at": "2026-11-24T14:00:00+01:00",
            "reason": "VA-jouren har ringt.",
        },
    ),
    "disturbance.end": Answered(Order, "not-found", {"id": "storgatan-vatten", **_WHY}),
    "leg.join": Answered(Changed, "not-found transition-refused", {"contact_id": CONTACT, "mode": "listen", **_WHY}),
    "leg.leave": Answered(Changed, "not-found not-yours transition-refused", {"leg_id": SIDE_LEG}),
}
