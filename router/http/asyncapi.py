"""`/v1/asyncapi.json`: the desktop socket as AsyncAPI 3.0, assembled from frames, commands and events themselves."""

from functools import cache
from typing import cast

import msgspec

from router.cards import Card
from router.desk.commands import COMMANDS as AGENT_COMMANDS
from router.desk.supervisor_commands import SUPERVISOR_COMMANDS
from router.errors import Problem
from router.floor_figures import FloorDocument
from router.http import description_desktop as tables
from router.http import description_events as event_tables
from router.http import description_floor as floor_tables
from router.http import description_supervisor as supervisor_tables
from router.http import frames
from router.http.description import Json, info, limits, ref, schemas
from router.http.description_closing import CLOSE_CODES
from router.http.description_effects import AGENT_EFFECTS, SUPERVISOR_EFFECTS, UNDO_S
from router.http.description_frames import FRAME_EXAMPLES
from router.http.description_start import DESKTOP_START
from router.http.desktop_events import EventData, event_types, needs_card
from router.http.floor_watching import AlarmData

COMMANDS = {**AGENT_COMMANDS, **SUPERVISOR_COMMANDS}
TOLD = {**tables.COMMANDS, **supervisor_tables.COMMANDS}
EFFECTS = {**AGENT_EFFECTS, **SUPERVISOR_EFFECTS}
FROM_DESKTOP = (frames.Auth, frames.Ack, frames.Heartbeat)
TO_DESKTOP = (
    frames.Hello,
    frames.Ready,
    frames.Resumed,
    frames.Reset,
    frames.Floor,
    frames.Signal,
    frames.HeartbeatAck,
    frames.Bye,
)
HOLDS: dict[type, Json] = {
    frames.Ready: {"snapshot": ref(tables.Snapshot)},
    frames.Floor: {"floor": ref(FloorDocument)},
}
"""What stands in the frames that hold a document."""
_ID = "5f0f3c1e-3c7e-4a53-9d0c-2f6f6f0f9a11"
_CHANNEL: Json = {"$ref": "#/channels/desktop"}
_FLOOR: Json = {"t": "floor", "floor": floor_tables.FLOOR}


@cache
def asyncapi() -> Json:
    """The document. Built once; treat it as constant."""
    messages = _messages()
    return {
        "asyncapi": "3.0.0",
        "info": info("servicecenter desktop", DESKTOP_START),
        "defaultContentType": "application/json",
        "servers": {"here": _server()},
        "channels": {"desktop": _channel(messages)},
        "operations": _operations(messages),
        "components": {"messages": messages, "schemas": _components()},
        "x-limits": limits(),
        "x-close-codes": msgspec.to_builtins(CLOSE_CODES),
    }


def _server() -> Json:
    return {
        "host": "{host}",
        "protocol": "wss",
        "description": "The same address as the REST interface; `ws` without TLS on a developer's machine.",
        "variables": {
            "host": {"default": "servicecenter.example.se", "description": "Host, and port where it is not 443."}
        },
    }


def _channel(messages: Json) -> Json:
    return {
        "address": "/v1/desktop",
        "title": "Desktop",
        "summary": "One agent's desktop. / En handläggares skrivbord.",
        "description": "Authentication is a one-time ticket in the first frame, never a part of the address.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
    }


def _operations(messages: Json) -> Json:
    """From the service's side: it receives the desktop's frames and sends its own."""
    pushed = [name for name in messages if name.startswith("ev.")]
    talk = {kind: _tag(kind) for kind in (*FROM_DESKTOP, *TO_DESKTOP)}
    operations: Json = {
        "authenticate": _receive("Begin or resume a session", ["auth"], ["ready", "resumed", "reset"]),
        "acknowledge": _receive("Say which events have arrived", ["ack"]),
        "heartbeat": _receive("Ask whether the service is there", ["hb"], ["hb_ack"]),
        "greet": _send("First frame of a connection", [talk[frames.Hello]]),
        "tell": _send("Tell what happens", pushed),
        "show": _send("The floor, to whoever watches it", [talk[frames.Floor]]),
        "signal": _send("What a resident does meanwhile", [talk[frames.Signal]]),
        "leave": _send("The router is going down", [talk[frames.Bye]]),
    }
    for name, kind in COMMANDS.items():
        whose = "A supervisor's command: " if name in SUPERVISOR_COMMANDS else ""
        operation = _receive(whose + _words(kind), [f"cmd.{name}"], [f"res.{name}"])
        operations[name] = operation | _effects(name)
    return operations


def _effects(name: str) -> Json:
    """Who may send a command, what it does to whom, when it is refused and whether it can be undone."""
    effect, is_theirs = EFFECTS[name], name in SUPERVISOR_COMMANDS
    problems = sorted(TOLD[name].problems.split())
    parts = [
        ("", effect.more),
        ("Who: ", "supervisors." if is_theirs else "agents; supervisors for work of their own."),
        ("Told: ", f"{effect.told}."),
        ("Refused: ", f"{effect.refused}." if effect.refused else "only for data that does not fit."),
        ("Problems: ", f"{', '.join(f'`{slug}`' for slug in problems)}." if problems else ""),
        ("Undo: ", f"`work.undo` within {UNDO_S} seconds." if effect.can_undo else ""),
    ]
    return {
        "description": "\n\n".join(f"**{label.strip()}** {text}" if label else text for label, text in parts if text),
        "x-roles": ["supervisor"] if is_theirs else ["agent", "supervisor"],
        "x-undo-s": UNDO_S if effect.can_undo else 0,
    }


def _receive(summary: str, taken: list[str], answers: list[str] | None = None) -> Json:
    operation: Json = {"action": "receive", "channel": _CHANNEL, "summary": summary, "messages": _of_channel(taken)}
    if answers:
        operation["reply"] = {"channel": _CHANNEL, "messages": _of_channel(answers)}
    return operation


def _send(summary: str, sent: list[str]) -> Json:
    return {"action": "send", "channel": _CHANNEL, "summary": summary, "messages": _of_channel(sent)}


def _of_channel(names: list[str]) -> list[Json]:
    return [{"$ref": f"#/channels/desktop/messages/{name}"} for name in names]


def _messages() -> Json:
    messages: Json = {}
    for kind in (*FROM_DESKTOP, *TO_DESKTOP):
        payload = _narrowed(kind, HOLDS[kind]) if kind in HOLDS else ref(kind)
        messages[_tag(kind)] = _message(_tag(kind), _words(kind), payload, FRAME_EXAMPLES.get(kind) or _FLOOR)
    for name in COMMANDS:
        messages[f"cmd.{name}"] = _command(name)
        messages[f"res.{name}"] = _result(name)
    for kind in event_types():
        messages[f"ev.{kind}"] = _event(kind)
    for kind, (summary, example) in floor_tables.ALARMS.items():
        payload = _narrowed(frames.Event, {"type": {"const": kind}, "data": ref(AlarmData)})
        data: Json = {**example, "at": floor_tables.AT}
        frame: Json = {"t": "ev", "seq": 8, "id": "alarm-3", "type": kind, "data": data}
        messages[f"ev.{kind}"] = _message(f"ev.{kind}", summary, payload, frame)
    return messages


def _message(name: str, summary: str, payload: Json, example: Json | None) -> Json:
    message: Json = {"name": name, "title": name, "summary": summary, "payload": payload}
    return message | ({"examples": [{"name": name.replace(".", "-"), "payload": example}]} if example else {})


def _command(name: str) -> Json:
    kind, example = COMMANDS[name], TOLD[name].example
    payload = _narrowed(frames.Cmd, {"name": {"const": name}, "data": ref(kind)})
    return _message(f"cmd.{name}", _words(kind), payload, {"t": "cmd", "id": _ID, "name": name, "data": example})


def _result(name: str) -> Json:
    told = TOLD[name]
    done = {"properties": {"ok": {"const": True}, "data": ref(told.answer)}, "required": ["data"]}
    refused = {"properties": {"ok": {"const": False}, "problem": ref(Problem)}, "required": ["problem"]}
    message = _message(
        f"res.{name}", f"Answer to `{name}`", {"allOf": [ref(frames.Result)], "oneOf": [done, refused]}, None
    )
    own = f"{told.problems} forbidden" if name in SUPERVISOR_COMMANDS else told.problems
    return message | {"x-problems": sorted({*own.split(), *tables.EVERY_COMMAND.split()})}


def _event(kind: str) -> Json:
    data = _narrowed(EventData, {"contact": ref(Card)}) if needs_card(kind) else ref(EventData)
    payload = _narrowed(frames.Event, {"type": {"const": kind}, "data": data})
    machine, _, state = kind.partition(".")
    summary = event_tables.EVENTS.get(kind, f"The {machine} has become `{state}`.")
    example = event_tables.EVENT_EXAMPLES.get(kind)
    frame: Json | None = {"t": "ev", "seq": 7, "id": "1204-0", "type": kind, "data": example} if example else None
    return _message(f"ev.{kind}", summary, payload, frame)


def _narrowed(kind: type[msgspec.Struct], properties: Json) -> Json:
    """The struct's schema, with some of its fields said more exactly."""
    return {"allOf": [ref(kind)], "properties": properties}


def _components() -> Json:
    kinds: list[type] = [*FROM_DESKTOP, *TO_DESKTOP, frames.Cmd, frames.Result, frames.Event, EventData, Problem, Card]
    kinds += [FloorDocument, AlarmData, tables.Snapshot, *COMMANDS.values(), *(told.answer for told in TOLD.values())]
    return schemas(kinds)


def _tag(kind: type[msgspec.Struct]) -> str:
    return str(kind.__struct_config__.tag)


def _words(kind: type) -> str:
    return cast("str", kind.__doc__).strip().splitlines()[0]
