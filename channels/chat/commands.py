"""What a resident's page asks for, one method each: told to the inbox, answered when it is durable.

Every command may come twice under its id: its key makes it one thing. Knows no socket.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec
import structlog

from channels.base import Inbox, Key, Outgoing, Taken
from channels.chat import tokens, transcript
from channels.chat.files import check_kind
from channels.chat.session import Session
from channels.chat.settings import ChatSettings
from channels.chat.tokens import Ticket
from channels.chat.wire import (
    Attach,
    CallBack,
    End,
    Read,
    Send,
    SendTranscript,
    Start,
    Upload,
    Write,
    band_of,
    dialled,
    left_contact,
    live_contact,
    more_words,
    read_data,
    words,
)
from channels.inbound import InboundContact, InboundEnd
from router.errors import (
    Forbidden,
    NotFound,
    ServicecenterError,
    TooLarge,
    TransitionRefused,
    Unavailable,
    UnknownCommand,
)
from router.sockets.frames import Cmd, Result

SOURCE = "/channels/chat"
BROKEN = 500
"""Statuses from here on are the service's fault."""
_log = structlog.get_logger(__name__)
Data = TypeVar("Data", bound=msgspec.Struct)
Method = Callable[[Session, Cmd], Awaitable[object]]


class Started(msgspec.Struct, frozen=True, omit_defaults=True):
    """Answer to `chat.start`: it arrived, this is its number, so long it will take."""

    contact: str
    token: str
    phase: str
    wait: tuple[int, int] | None = None
    answer: str = ""


class UploadTicket(msgspec.Struct, frozen=True):
    """Answer to `attachment.send`: what to upload with, and the name that the message will have."""

    ticket: str
    id: str


class Commands:
    """The commands of residents."""

    def __init__(
        self,
        inbox: Inbox,
        now_ms: Callable[[], int],
        settings: ChatSettings,
        *,
        city: str,
        zone: str,
        router: str,
        started: Callable[[Session], None],
    ) -> None:
        self._inbox = inbox
        self._now_ms = now_ms
        self._settings = settings
        self._city = city
        self._zone = zone
        self._router = router
        self._started = started
        """Told of a session that has got its contact."""
        self._methods: Mapping[str, Method] = {
            "chat.start": _bound(Start, self.start),
            "message.leave": _bound(Start, self.leave_message),
            "message.send": self.send,
            "typing": _bound(Write, self.typing),
            "read": _bound(Read, self.read),
            "attachment.send": _bound(Attach, self.attach),
            "transcript.send": _bound(SendTranscript, self.transcript),
            "callback.ask": _bound(CallBack, self.call_back),
            "chat.end": self.end,
        }

    async def carry_out(self, session: Session, frame: Cmd) -> str:
        """Do what the command says and answer, again as before; the slug of what ails the service, or ''."""
        kept = session.results.get(frame.id)
        if kept is not None:
            session.tell(kept)
            return ""
        result = await self._result(session, frame)
        session.answer_command(result)
        problem = result.problem
        return problem.type.rpartition(":")[2] if problem is not None and problem.status >= BROKEN else ""

    async def _result(self, session: Session, frame: Cmd) -> Result:
        method = self._methods.get(frame.name)
        if method is None:
            return Result(frame.id, ok=False, problem=UnknownCommand(field="$.name").problem(frame.name))
        try:
            return Result(frame.id, ok=True, data=await method(session, frame))
        except ServicecenterError as error:
            return Result(frame.id, ok=False, problem=error.problem(frame.name))
        except Exception as error:  # noqa: BLE001 # a defect in one command must not cost the resident the chat
            _log.error("chat_command_failed", command=frame.name, error=type(error).__name__, exc_info=True)
            return Result(frame.id, ok=False, problem=ServicecenterError().problem(frame.name))

    def renewed_token(self, session: Session) -> str:
        """A token for what the session is now."""
        session.token_at = self._now_ms()
        return tokens.resume_token(
            self._inbox.sign, Ticket(session.chat, session.contact, session.token_at, self._router)
        )

    # Words ----------------------------------------------------------------------------------------------------------

    async def start(self, session: Session, data: Start) -> Started:
        """The first words: a contact begins."""
        taken = await self._begin(session, live_contact(data, self._settings.max_text))
        session.language, session.answer = data.language, taken.answer
        session.stand("answered" if taken.state == "answered" else "waiting", wait=band_of(taken.wait_s))
        return Started(taken.contact, self.renewed_token(session), session.phase, session.wait, taken.answer)

    async def leave_message(self, session: Session, data: Start) -> Started:
        """Nobody is there: what is left becomes written work, and the chat is over."""
        taken = await self._begin(session, left_contact(data, self._settings.max_text))
        session.stand("ended", "written")
        return Started(taken.contact, self.renewed_token(session), session.phase, answer=taken.answer)

    async def _begin(self, session: Session, contact: InboundContact) -> Taken:
        if session.contact and session.phase != "none":
            raise TransitionRefused("this chat has begun already", field="$.name")
        taken = await self._inbox.receive(Key(SOURCE, f"{session.chat}:start", session.chat), contact)
        session.contact = taken.contact
        session.caught_up(1)
        self._started(session)
        return taken

    async def send(self, session: Session, frame: Cmd) -> None:
        """More words; the command's id names them."""
        text = words(read_data(Send, frame).text, self._settings.max_text)
        self._must_be_open(session)
        try:
            await self._inbox.message(self._key(session, frame.id), more_words(session.contact, frame.id, text))
        except NotFound:
            session.stand("ended", "agent")
            raise
        session.heard(self._now_ms())

    async def typing(self, session: Session, data: Write) -> None:
        """Passed on, kept nowhere."""
        if session.phase == "agent":
            await self._inbox.signal(session.contact, "typing" if data.is_typing else "paused")

    async def read(self, session: Session, data: Read) -> None:
        """Whoever reads is there."""
        if session.is_open and (data.n in session.shown or data.n <= session.shown_up_to):
            session.is_reminded = False
            session.quiet_since = self._now_ms()
            await self._inbox.signal(session.contact, "read", data.n)

    # Files ----------------------------------------------------------------------------------------------------------

    async def attach(self, session: Session, data: Attach) -> UploadTicket:
        """A permit to upload one file."""
        self._must_be_open(session)
        check_kind(data.media_type)
        if data.size_bytes > self._settings.attachment_bytes:
            raise TooLarge(field="$.data.size_bytes", most=self._settings.attachment_bytes)
        if session.files >= self._settings.attachments_per_chat:
            raise Forbidden("too many files in this chat", field="$.data", most=self._settings.attachments_per_chat)
        session.files += 1
        until = self._now_ms() + int(self._settings.upload_timeout_s * 1000)
        upload = Upload(secrets.token_hex(8), data.name, data.media_type, data.size_bytes)
        ticket = tokens.upload_ticket(self._inbox.sign, session.contact, session.chat, upload, until)
        return UploadTicket(ticket, upload.id)

    # Ways out -------------------------------------------------------------------------------------------------------

    async def transcript(self, session: Session, data: SendTranscript) -> None:
        """Owed, and sent by whichever channel sends mail; once for each chat."""
        if not self._settings.has_transcript:
            raise Forbidden("[channels.chat] has_transcript is off", field="$.name")
        if not session.contact:
            raise TransitionRefused("nothing was said yet", field="$.name")
        said = await self._inbox.said(session.contact)
        title, text = transcript.written(said, session.language, self._city, self._zone)
        await self._inbox.owe(
            Outgoing(session.contact, 0, text, subject=title, to=data.email, source=SOURCE, kind="transcript")
        )

    async def call_back(self, session: Session, data: CallBack) -> None:
        """They want to be called: the chat is over when the service has promised it."""
        if not self._settings.has_callback:
            raise Forbidden("[channels.chat] has_callback is off", field="$.name")
        self._must_be_open(session)
        await self._inbox.call_back(session.contact, dialled(data.phone))
        seen = await self._inbox.look(session.contact)
        if seen is None or not seen.callback_state:
            raise Unavailable("no callback was promised", field="$.name")
        session.stand("ended", "callback")

    async def end(self, session: Session, frame: Cmd) -> None:
        """They are done."""
        read_data(End, frame)
        if session.is_open:
            await self._inbox.end(Key(SOURCE, f"{session.chat}:end", session.chat), InboundEnd(session.contact, "left"))
            session.stand("ended", "left")

    def _must_be_open(self, session: Session) -> None:
        if not session.is_open:
            raise TransitionRefused("the chat has not begun, or is over", field="$.name")

    def _key(self, session: Session, ident: str) -> Key:
        return Key(SOURCE, f"{session.chat}:{ident}", session.chat)


def _bound(kind: type[Data], method: Callable[[Session, Data], Awaitable[object]]) -> Method:
    """The method with its data read."""

    async def carried_out(session: Session, frame: Cmd) -> object:
        return await method(session, read_data(kind, frame))

    return carried_out
