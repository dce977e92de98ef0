"""What a resident's page and the chat say to each other, and what of it becomes a contact. Pure: bytes and nouns."""

import re
from itertools import pairwise
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from channels.base import Said, Seen
from channels.chat.settings import Lang
from channels.inbound import Attachment, InboundContact, InboundMessage, InboundPerson
from router.errors import MalformedBody, SchemaMismatch
from router.sockets.frames import Ack, Cmd, Heartbeat, Resume

VERSION = 1
Phase = Literal["none", "waiting", "agent", "answered", "parked", "ended"]
"""How a chat stands for the resident: nothing said, in the queue, somebody is there, answered at once, set aside."""
OPEN: frozenset[Phase] = frozenset({"waiting", "agent", "answered", "parked"})
Why = Literal["", "idle", "left", "agent", "callback", "handed_over", "away", "written"]
"""Why a chat is over."""
_ADDRESS = r"[^\s\x00-\x20@<>,;:\"()\[\]\\]{1,64}@[\w.-]{1,189}"
_NUMBER = r"\+?[0-9][0-9 ()/-]{4,28}"
Address = Annotated[str, Meta(max_length=254, pattern=f"^{_ADDRESS}$")]
AddressOrNone = Annotated[str, Meta(max_length=254, pattern=f"^(?:{_ADDRESS})?$")]
Number = Annotated[str, Meta(max_length=30, pattern=f"^{_NUMBER}$")]
NumberOrNone = Annotated[str, Meta(max_length=30, pattern=f"^(?:{_NUMBER})?$")]
Words = Annotated[str, Meta(min_length=1, max_length=16_000)]
FileName = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f/\\;]+$")]
Struct = TypeVar("Struct", bound=msgspec.Struct)
SHOWN = frozenset({"", "clean"})
"""What a scanner has said of a file that may be given to anybody."""
SNAPSHOT_BYTES = 262_144
MESSAGE_BYTES = 200
"""What a message takes beside its words."""
BAND_MINUTES = (0, 2, 5, 10, 15, 20, 30, 45, 60)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Auth(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="auth", tag_field="t"):
    """First frame of a page: the token of a chat to go on with, or none for a new one."""

    token: Annotated[str, Meta(max_length=200)] = ""
    resume: Resume | None = None
    """The session that this very page held before its socket broke; left out by a page that has just been loaded."""
    language: Lang = "sv"


FromPage = Auth | Ack | Heartbeat | Cmd


class Renewed(msgspec.Struct, frozen=True, tag="token", tag_field="t"):
    """From now on show this token instead of the one before."""

    token: str


class Typing(msgspec.Struct, frozen=True, tag="typing", tag_field="t"):
    """The agent is writing, or has stopped; never numbered, never resumed."""

    is_typing: bool


class File(msgspec.Struct, frozen=True):
    """A file of a message."""

    name: str
    media_type: str
    size_bytes: int
    blob: str
    """What to ask for it by: `POST /v1/chat/files`; empty while no scanner has looked."""


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """Words, as the page shows them."""

    n: int
    """Number of the record; a page shows each number once, in their order."""
    by: Literal["resident", "agent", "service"]
    text: str
    at: int = 0
    id: str = ""
    """The page's own name of the message, the id of its command."""
    files: tuple[File, ...] = ()


class Snapshot(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything a page needs to draw itself."""

    token: str
    phase: Phase
    is_open: bool
    """Whether somebody can be talked to now; otherwise a message can be left."""
    messages: tuple[Message, ...] = ()
    is_cut: bool = False
    """Whether there was more at the beginning than a snapshot holds."""
    wait: tuple[int, int] | None = None
    ahead: int | None = None
    """How many are before them in the queue, where the settings tell it."""
    """Minutes, from and to; to 0 means more than."""
    announcement: str = ""
    agent: str = ""
    """Name or title of who is there."""
    answer: str = ""
    why: Why = ""


# Commands -----------------------------------------------------------------------------------------------------------


class _Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The data of a command refuses fields it does not know."""


class Start(_Command, frozen=True, forbid_unknown_fields=True):
    """`chat.start`: the first words; `message.leave`: the same outside hours, to be answered in writing."""

    text: Words
    topic: Annotated[str, Meta(max_length=60)] = ""
    name: Annotated[str, Meta(max_length=100)] = ""
    email: AddressOrNone = ""
    phone: NumberOrNone = ""
    language: Lang = "sv"


class Send(_Command, frozen=True, forbid_unknown_fields=True):
    """`message.send`: more words. The id of the command names the message: the same id again is the same message."""

    text: Words


class Write(_Command, frozen=True, forbid_unknown_fields=True):
    """`typing`: the resident is writing, or has stopped."""

    is_typing: bool


class Read(_Command, frozen=True, forbid_unknown_fields=True):
    """`read`: the resident has seen everything up to this number."""

    n: Annotated[int, Meta(ge=0)]


class Attach(_Command, frozen=True, forbid_unknown_fields=True):
    """`attachment.send`: a permit to upload one file; the answer holds a ticket for `POST /v1/chat/uploads`."""

    name: FileName
    media_type: Annotated[str, Meta(max_length=80)]
    size_bytes: Annotated[int, Meta(ge=1)]


class SendTranscript(_Command, frozen=True, forbid_unknown_fields=True):
    """`transcript.send`: the conversation by e-mail."""

    email: Address


class CallBack(_Command, frozen=True, forbid_unknown_fields=True):
    """`callback.ask`: call me instead."""

    phone: Number


class End(_Command, frozen=True, forbid_unknown_fields=True):
    """`chat.end`: the resident is done."""


class Upload(msgspec.Struct, frozen=True):
    """A file that may be uploaded."""

    id: str
    name: str
    media_type: str
    size_bytes: int


# Bytes -> nouns -----------------------------------------------------------------------------------------------------

_frames = msgspec.json.Decoder(FromPage)
encode = msgspec.json.Encoder().encode


def read_frame(text: str) -> FromPage:
    """A frame of a page.

    Raises:
        MalformedBody: it is none.
    """
    try:
        return _frames.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedBody(type(error).__name__, field="$") from None


def read_data(kind: type[Struct], frame: Cmd) -> Struct:
    """The data of a command.

    Raises:
        MalformedBody: not JSON, or U+0000 in it.
        SchemaMismatch: a field is missing, unknown or of the wrong kind.
    """
    if b"\\u0000" in bytes(frame.data) and _NUL.search(bytes(frame.data)):
        raise MalformedBody("U+0000 is not taken", field="$.data")
    try:
        return msgspec.json.decode(frame.data, type=kind)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$")
        raise SchemaMismatch(text, field="$.data" + path.rstrip("`")) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedBody(type(error).__name__, field="$.data") from None


def words(text: str, most: int) -> str:
    """The words without blanks around them.

    Raises:
        SchemaMismatch: nothing is left, or more than `most` characters.
    """
    said = text.strip()
    if not said:
        raise SchemaMismatch("expected words", field="$.data.text")
    if len(said) > most:
        raise SchemaMismatch(f"expected at most {most} characters", field="$.data.text", most=most)
    return said


def live_contact(start: Start, most: int) -> InboundContact:
    """The first words as a contact that somebody waits for."""
    return InboundContact("chat", _person(start), topic=start.topic, text=words(start.text, most))


def left_contact(start: Start, most: int) -> InboundContact:
    """A message left outside hours: written work, as from a form.

    Raises:
        SchemaMismatch: nothing says where the answer should go.
    """
    if not (start.email or start.phone):
        raise SchemaMismatch("expected an address or a number to answer to", field="$.data.email")
    notice = "email" if start.email else "phone"
    text = words(start.text, most)
    return InboundContact("web", _person(start), topic=start.topic, text=text, preferred_notice=notice)


def _person(start: Start) -> InboundPerson:
    is_anonymous = not (start.phone or start.email or start.name)
    return InboundPerson(
        phone=start.phone, email=start.email, name=start.name, language=start.language, anonymous=is_anonymous
    )


def dialled(number: str) -> str:
    """A number as it is dialled."""
    return "".join(each for each in number if each.isdigit() or each == "+")


def more_words(contact: str, name: str, text: str, *files: Attachment) -> InboundMessage:
    """What the resident writes, or sends, later on."""
    return InboundMessage(contact, text=text, attachments=files, thread=name)


# Nouns -> bytes -----------------------------------------------------------------------------------------------------


def message_of(said: Said) -> Message:
    """A record as the page shows it."""
    return Message(said.number, said.by, said.text, said.at, said.thread, files_of(said.attachments))


def newest(messages: tuple[Message, ...], most_bytes: int = SNAPSHOT_BYTES) -> tuple[Message, ...]:
    """As many of the last messages as a snapshot holds."""
    left = most_bytes
    for i in range(len(messages) - 1, -1, -1):
        left -= len(messages[i].text.encode()) + MESSAGE_BYTES
        if left < 0:
            return messages[i + 1 :]
    return messages


def files_of(attachments: tuple[Attachment, ...]) -> tuple[File, ...]:
    """Files that have bytes here, but for infected ones; one that nobody could scan yet is told without its bytes."""
    return tuple(
        File(each.name, each.media_type, each.size_bytes, each.blob if each.scan in SHOWN else "")
        for each in attachments
        if each.blob and each.scan != "infected"
    )


_PHASES: dict[str, tuple[Phase, Why]] = {
    "with_agent": ("agent", ""),
    "callback": ("ended", "callback"),
    "handed_over": ("ended", "handed_over"),
    "answered": ("answered", ""),
    "parked": ("parked", ""),
    "closed": ("ended", "agent"),
    "abandoned": ("ended", "left"),
    "cancelled": ("ended", "left"),
}


def phase_of(seen: Seen | None) -> tuple[Phase, Why]:
    """How a contact stands for its resident."""
    if seen is None:
        return "ended", ""
    if seen.callback_state:
        return "ended", "callback"
    if seen.state == "with_agent" and seen.leg_state in {"wrapping_up", "ended"}:
        return "ended", "agent"
    return _PHASES.get(seen.state, ("waiting", ""))


def band_of(wait_s: int | None) -> tuple[int, int] | None:
    """The estimated wait in minutes, from and to; nobody is told a wait to the second."""
    if wait_s is None:
        return None
    for low, high in pairwise(BAND_MINUTES):
        if wait_s <= high * 60:
            return low, high
    return BAND_MINUTES[-1], 0
