"""Asterisk's events, as frames, to what we need of them; and a caller to an `InboundContact`. Pure."""

from collections.abc import Mapping
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from channels.inbound import InboundContact, InboundPerson
from channels.numbers import e164
from router.errors import MalformedBody

LINE_LOST_CAUSES = frozenset({4, 27, 38, 41, 42})
"""Hang-up causes that are no person's doing: shutdown, out of order, network, temporary failure, congestion."""
_T = TypeVar("_T")
Id = Annotated[str, Meta(min_length=1, max_length=200)]


class Caller(msgspec.Struct, frozen=True):
    """Number and name as the network gave them; the name is not used."""

    number: str = ""


class Dialplan(msgspec.Struct, frozen=True):
    """Where in the dialplan a channel is."""

    exten: str = ""
    app_name: str = ""
    app_data: str = ""


class AriChannel(msgspec.Struct, frozen=True):
    """One end of a call."""

    id: Id
    name: str = ""
    state: str = ""
    caller: Caller = Caller()
    dialplan: Dialplan = Dialplan()
    language: str = ""

    def args(self, app: str) -> tuple[str, ...] | None:
        """What it entered our application with; None when it is not in it."""
        name, *rest = self.dialplan.app_data.split(",")
        return tuple(rest) if self.dialplan.app_name == "Stasis" and name == app else None


class AriBridge(msgspec.Struct, frozen=True):
    """Channels that hear each other."""

    id: Id
    channels: tuple[str, ...] = ()


class AriPlayback(msgspec.Struct, frozen=True):
    """Something played."""

    id: Id
    state: str = ""


class _Event(msgspec.Struct, frozen=True, tag_field="type", tag=True, kw_only=True):
    """What every event carries; the tag is its name."""

    application: str = ""
    asterisk_id: str = ""


class StasisStart(_Event, frozen=True):
    """A channel is ours now."""

    channel: AriChannel
    args: tuple[str, ...] = ()
    replace_channel: AriChannel | None = None


class StasisEnd(_Event, frozen=True):
    """A channel is not ours any more: hung up, or gone on in the dialplan."""

    channel: AriChannel


class ChannelDestroyed(_Event, frozen=True):
    """A channel that we made is gone; the only word about a phone that did not answer."""

    channel: AriChannel
    cause: int = 0


class ChannelHangupRequest(_Event, frozen=True):
    """Somebody hangs up; the end follows."""

    channel: AriChannel
    cause: int = 0


class ChannelDtmfReceived(_Event, frozen=True):
    """A digit was pressed."""

    channel: AriChannel
    digit: str


class PlaybackFinished(_Event, frozen=True):
    """Something has been played, or could not be."""

    playback: AriPlayback


class ApplicationReplaced(_Event, frozen=True):
    """Another connection has taken our application over."""


Event = (
    StasisStart
    | StasisEnd
    | ChannelDestroyed
    | ChannelHangupRequest
    | ChannelDtmfReceived
    | PlaybackFinished
    | ApplicationReplaced
)
_EVENTS: tuple[type[msgspec.Struct], ...] = (
    StasisStart,
    StasisEnd,
    ChannelDestroyed,
    ChannelHangupRequest,
    ChannelDtmfReceived,
    PlaybackFinished,
    ApplicationReplaced,
)
_names = frozenset(kind.__name__ for kind in _EVENTS)
EVENT_FILTER: Mapping[str, object] = {"allowed": [{"type": name} for name in sorted(_names | {"RESTResponse"})]}
"""What Asterisk is asked to tell us: all that we read. Answers on a websocket are filtered like events."""
_event = msgspec.json.Decoder(Event)
_channels = msgspec.json.Decoder(tuple[AriChannel, ...])
_bridges = msgspec.json.Decoder(tuple[AriBridge, ...])


class RestResponse(msgspec.Struct, frozen=True):
    """The answer to a request made over the websocket."""

    request_id: str = ""
    status_code: int = 0
    message_body: str = ""


class _Frame(msgspec.Struct, frozen=True):
    """Any text frame."""

    type: str


class _System(msgspec.Struct, frozen=True):
    entity_id: str = ""


class _Status(msgspec.Struct, frozen=True):
    startup_time: str = ""


class AriInfo(msgspec.Struct, frozen=True):
    """Which Asterisk it is, and since when."""

    system: _System = _System()
    status: _Status = _Status()


_frame = msgspec.json.Decoder(_Frame)
_rest = msgspec.json.Decoder(RestResponse)
_info = msgspec.json.Decoder(AriInfo)


def decode(frame: str | bytes) -> Event | RestResponse | None:
    """What a text frame says; None for events that mean nothing to us.

    Raises:
        MalformedBody: it is no event, or one that we read is not as it should be.
    """
    try:
        kind = _frame.decode(frame).type
        if kind in _names:
            return _event.decode(frame)
        return _rest.decode(frame) if kind == "RESTResponse" else None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedBody("no event of Asterisk's", field="$.type") from error


def channels_of(body: bytes) -> tuple[AriChannel, ...]:
    """`GET /channels`.

    Raises:
        MalformedBody: it is no list of channels.
    """
    return _read(_channels, body)


def bridges_of(body: bytes) -> tuple[AriBridge, ...]:
    """`GET /bridges`.

    Raises:
        MalformedBody: it is no list of bridges.
    """
    return _read(_bridges, body)


def info_of(body: bytes) -> AriInfo:
    """`GET /asterisk/info`.

    Raises:
        MalformedBody: it is none.
    """
    return _read(_info, body)


def _read(decoder: "msgspec.json.Decoder[_T]", body: bytes) -> _T:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedBody("not what Asterisk answers", field="$") from error


def contact_of(channel: AriChannel, *, dialled: str, topic: str, region: str, before: str = "") -> InboundContact:
    """A caller as a contact: the number is a hint, the name that the network shows is not kept.

    `before` is the contact that this very call was about until now.
    """
    number = e164(channel.caller.number, region)
    person = InboundPerson(phone=number, anonymous=not number)
    return InboundContact(
        "phone", person, topic=topic, fields={"dialled": dialled} if dialled else {}, in_reply_to=before
    )
