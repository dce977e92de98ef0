"""The frames that every websocket of the service speaks, and its close codes: JSON objects whose `t` names them."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from router.errors import Problem

CLOSE_PROTOCOL = 4000
CLOSE_AUTH = 4001
CLOSE_FORBIDDEN = 4003
CLOSE_SLOW = 4008
CLOSE_REPLACED = 4009
CLOSE_IDLE = 4010
CLOSE_RATE = 4029
CLOSE_RESTART = 1012
CLOSE_TRY_LATER = 1013


class Resume(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which session to go on with, and the last event seen."""

    sid: Annotated[str, Meta(max_length=64)]
    seq: Annotated[int, Meta(ge=0)]


class Ack(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="ack", tag_field="t"):
    """All events up to `seq` have arrived; every 10 events or once a second."""

    seq: Annotated[int, Meta(ge=0)]


class Heartbeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="hb", tag_field="t"):
    """Is anybody there? Carries an acknowledgement."""

    seq: Annotated[int, Meta(ge=0)] = 0


class Cmd(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="cmd", tag_field="t"):
    """A command; the same `id` again gives the same answer and happens once."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Annotated[str, Meta(min_length=1, max_length=40)]
    data: msgspec.Raw = msgspec.Raw(b"{}")


class Hello(msgspec.Struct, frozen=True, tag="hello", tag_field="t"):
    """First frame of the server: version, seconds between heartbeats, largest frame in bytes."""

    v: int
    hb: int
    max: int


class Ready(msgspec.Struct, frozen=True, tag="ready", tag_field="t"):
    """A session begins: everything that is needed to draw it. Events count from `seq` + 1."""

    sid: str
    seq: int
    resume_ttl: int
    snapshot: object


class Resumed(msgspec.Struct, frozen=True, tag="resumed", tag_field="t"):
    """The session goes on; the events after `seq` follow."""

    seq: int


class Reset(msgspec.Struct, frozen=True, tag="reset", tag_field="t"):
    """The session can't go on; `ready` with a fresh snapshot follows."""

    why: Literal["expired", "gap"]


class Event(msgspec.Struct, frozen=True, tag="ev", tag_field="t"):
    """Something happened that concerns this session. `seq` has no gaps; `id` names what happened."""

    seq: int
    id: str
    type: str
    data: object


class HeartbeatAck(msgspec.Struct, frozen=True, tag="hb_ack", tag_field="t"):
    """Yes."""


class Result(msgspec.Struct, frozen=True, omit_defaults=True, tag="res", tag_field="t"):
    """The answer to a command: `data` when ok, otherwise `problem`."""

    id: str
    ok: bool
    data: object = None
    problem: Problem | None = None


class Bye(msgspec.Struct, frozen=True, tag="bye", tag_field="t"):
    """The server is going to close; come back after `after_ms`."""

    why: Literal["drain"]
    after_ms: int
