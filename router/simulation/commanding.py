"""What a scene's event becomes as a command: names turned into ids, and the offer, leg and revision it is about.

The journal tells those, as it would tell a desktop. Sends nothing.
"""

from collections.abc import Mapping
from typing import cast

import msgspec

from router.journal import Entry
from router.simulation.moments import Clocks
from router.simulation.scene import Event, Scene
from router.simulation.scene_city import topic_code

Data = Mapping[str, object]
NOT_ARRIVED = "c-not-arrived"


class Known(msgspec.Struct):
    """What the journal has told of a contact, as far as commands name it."""

    rev: int = 0
    offers: dict[str, str] = {}
    """Agent -> the last offer to them."""
    last_offer: str = ""
    handover: str = ""
    generation: int = 1
    sides: dict[str, str] = {}
    """Agent -> leg beside the owner's."""


class Told:
    """Every contact of a scene as the journal has told of it."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        """Name in the scene -> contact id."""
        self.names: dict[str, str] = {}
        self._known: dict[str, Known] = {}

    def arrive(self, name: str, contact: str) -> None:
        """A contact has its id."""
        self.ids[name], self.names[contact] = contact, name

    def id_of(self, event: Event) -> str:
        """The id of the contact that the event names; one that has not arrived has none that anybody knows."""
        return self.id_named(str(event.what))

    def id_named(self, name: str) -> str:
        """The id of a contact; one that has not arrived has none that anybody knows."""
        return self.ids.get(name, NOT_ARRIVED)

    def of(self, contact: str) -> Known:
        """What is known of a contact."""
        return self._known.setdefault(contact, Known(offers={}, sides={}))

    def note(self, entry: Entry) -> None:
        """Take in one entry."""
        data, known = entry.data, self.of(entry.data.contact)
        known.generation = max(known.generation, data.generation)
        for moved in entry.transitions:
            if moved.machine == "contact":
                self.of(moved.id).rev = moved.rev
            elif moved.machine == "offer" and moved.event == "issue":
                known.offers[data.agent] = known.last_offer = moved.id
            elif moved.machine == "handover" and moved.event == "offer":
                known.handover = moved.id
        if data.side is not None:
            is_over = any(moved.id == data.side.leg and moved.after == "ended" for moved in entry.transitions)
            if is_over:
                known.sides.pop(data.side.agent, None)
            else:
                known.sides[data.side.agent] = data.side.leg


class Commanding:
    """Makes the data of commands."""

    def __init__(self, scene: Scene, clocks: Clocks, told: Told) -> None:
        self._scene = scene
        self._clocks = clocks
        self._told = told

    def data(self, event: Event) -> Data:
        """What the command holds: the contact as the journal last told of it, and the event's other cells."""
        cells, name = event.cells, event.command
        data: dict[str, object] = {key: value for key, value in cells.items() if key in _AS_THEY_ARE}
        if event.subject == "supervisor" and name != "leg.leave":
            data.setdefault("reason", "scene")
        made = getattr(self, "_data_" + name.replace(".", "_"), None)
        if made is not None:
            return {**data, **made(event)}
        return {**data, **self._plainly(event)}

    def _plainly(self, event: Event) -> Data:
        if event.command in _NAMES_CONTACT:
            return {"contact_id": self._id(event)}
        if event.command in _NAMES_CONTACT_AND_REV:
            return {"contact_id": self._id(event), "rev": self._of(event).rev, **self._to(event)}
        if event.command in _NAMES_LEG:
            return {"leg_id": self._leg_of(event)}
        return {}

    def _to(self, event: Event) -> Data:
        cells = event.cells
        found: dict[str, object] = {}
        if event.command == "contact.assign":
            found["agent_id"] = cells["to_agent"]
            if "wait" in cells:
                found["wait_s"] = cast("int", cells["wait"]) // 1000
        elif event.command == "contact.move":
            found["queue"] = cells["to_queue"]
        elif event.command == "contact.priority":
            found["head_start_s"] = cast("int", cells["length"]) // 1000
        return found

    def _data_offer_accept(self, event: Event) -> Data:
        known = self._of(event)
        return {"offer_id": known.offers.get(event.who, f"{self._id(event)}.o0"), "rev": known.rev}

    def _data_offer_decline(self, event: Event) -> Data:
        return {"reason": "knowledge", **self._data_offer_accept(event), **_only(event, "reason")}

    def _data_offer_revoke(self, event: Event) -> Data:
        return {"offer_id": self._of(event).last_offer or "none", "reason": "scene", **_only(event, "reason")}

    def _data_work_finish(self, event: Event) -> Data:
        outcome = {"resolution": event.cells.get("how", "answered"), **_only(event, "cause", "evidence")}
        return {"contact_id": self._id(event), "outcomes": [outcome]}

    def _data_work_park(self, event: Event) -> Data:
        until = event.cells.get("until")
        when = {"until": self._clocks.instant(cast("int", until))} if until is not None else {}
        return {"contact_id": self._id(event), **_only(event, "reply", "unit"), **when}

    def _data_work_transfer(self, event: Event) -> Data:
        keys = ("to_agent", "to_queue", "to_unit", "to_number")
        to = {key.removeprefix("to_"): event.cells[key] for key in keys if key in event.cells}
        return {"contact_id": self._id(event), "to": to, "kind": event.cells.get("how", "cold")}

    def _data_consult_start(self, event: Event) -> Data:
        return {"contact_id": self._id(event), "to": {"agent": event.cells["to_agent"]}}

    def _data_consult_decline(self, event: Event) -> Data:
        return {"leg_id": self._leg_of(event), "reason": "busy", **_only(event, "reason")}

    def _data_handover_create(self, event: Event) -> Data:
        return {"contact_id": self._id(event), "unit": event.cells["to_unit"]}

    def _data_callback_schedule(self, event: Event) -> Data:
        at = event.cells.get("call_at")
        when = {"keep_place": True} if at is None else {"at": self._clocks.instant(cast("int", at))}
        return {"contact_id": self._id(event), **when, **_only(event, "by")}

    def _data_work_pull(self, event: Event) -> Data:
        return {"queue": event.what} if event.verb == "pulls_from" else {"contact_id": self._id(event)}

    def _data_contact_attach(self, event: Event) -> Data:
        return {"contact_id": self._id(event), "to": self._told.id_named(str(event.cells["to_contact"]))}

    def _data_message_send(self, event: Event) -> Data:
        return {"contact_id": self._id(event), "text": event.cells.get("text", "Hej!")}

    def _data_draft_save(self, event: Event) -> Data:
        return {"contact_id": self._id(event), "text": event.cells["text"]}

    def _data_topic_set(self, event: Event) -> Data:
        return {"contact_id": self._id(event), "topic": topic_code(self._scene, str(event.cells["topic"]))}

    def _data_wrap_up_extend(self, event: Event) -> Data:
        seconds = {"seconds": cast("int", event.cells["length"]) // 1000} if "length" in event.cells else {}
        return {"contact_id": self._id(event), **self._side_or_none(event), **seconds}

    def _data_wrap_up_end(self, event: Event) -> Data:
        return {"contact_id": self._id(event), **self._side_or_none(event)}

    def _data_suggestion_answer(self, event: Event) -> Data:
        return {"contact_id": self._id(event), "generation": self._of(event).generation} | {
            "consent": event.cells.get("consent", True)
        }

    def _data_presence_set(self, event: Event) -> Data:
        return {"state": event.what, **_only(event, "reason", "when")}

    def _data_presence_form(self, event: Event) -> Data:
        return {"form": event.what}

    def _data_agent_presence_set(self, event: Event) -> Data:
        return {"agent_id": event.what, "state": event.cells["to"], **_only(event, "when")}

    def _data_agent_skills_set(self, event: Event) -> Data:
        return {"agent_id": event.what, "skills": event.cells["skills"]}

    def _data_queue_open(self, event: Event) -> Data:
        return {"queue": event.what, **self._until(event)}

    _data_queue_close = _data_queue_open

    def _data_queue_divert(self, event: Event) -> Data:
        return {"queue": event.what, "to": event.cells["to_queue"], **self._until(event)}

    def _data_hours_exception(self, event: Event) -> Data:
        date = str(event.cells["date"])
        hours = cast("tuple[str, ...]", event.cells.get("hours", ()))
        return {"queue": event.what, "date": date, "open": list(hours), "name": str(event.cells.get("reason", "scene"))}

    def _data_crisis_on(self, event: Event) -> Data:
        return {"until": self._clocks.instant(cast("int", event.what))}

    def _data_leg_join(self, event: Event) -> Data:
        mode = "listen" if event.verb == "listens_to" else "speak"
        return {"contact_id": self._id(event), "mode": mode}

    def _until(self, event: Event) -> Data:
        until = event.cells.get("until")
        return {} if until is None else {"until": self._clocks.instant(cast("int", until))}

    def _id(self, event: Event) -> str:
        return self._told.id_of(event)

    def _of(self, event: Event) -> Known:
        return self._told.of(self._id(event))

    def _leg_of(self, event: Event) -> str:
        sides = self._of(event).sides
        return sides.get(event.who) or next(iter(sides.values()), "no-leg")

    def _side_or_none(self, event: Event) -> Data:
        leg = self._of(event).sides.get(event.who)
        return {"leg_id": leg} if leg else {}


_AS_THEY_ARE = frozenset({"reason", "result"})
_NAMES_CONTACT = frozenset({"work.hold", "work.resume", "work.undo", "callback.result"})
_NAMES_CONTACT_AND_REV = frozenset(
    {"contact.assign", "contact.requeue", "contact.move", "contact.priority", "contact.cancel"}
)
_NAMES_LEG = frozenset({"consult.answer", "consult.end", "leg.leave"})


def _only(event: Event, *keys: str) -> Data:
    return {key: event.cells[key] for key in keys if key in event.cells}
