"""Every chat of this router: opened by a page, found again after a loss, kept in step with how its contact stands.

Owns which session a token leads to. Knows no agent's doing but what it reads from the inbox.
"""

import asyncio
import contextlib
from collections.abc import Callable

from aiohttp import web

from channels.base import Inbox, Key, Seen
from channels.chat import tokens
from channels.chat.commands import SOURCE, Commands
from channels.chat.session import Session
from channels.chat.settings import LANGS, ChatSettings
from channels.chat.wire import Auth, Message, Renewed, Snapshot, band_of, encode, message_of, newest, phase_of
from channels.chat.words import say
from channels.inbound import InboundMessage
from router.errors import NotFound, ServicecenterError
from router.sockets.frames import Cmd, Ready, Reset, Resumed

RENEWALS = 6
"""Tokens in the time that one is good for."""
RETURNED = "came-back"
"""Names the note that somebody has come back; the resident is not shown it."""
_NOTES = frozenset(say(lang, RETURNED) for lang in LANGS)


class Chats:
    """The chats of this router, by name and by contact."""

    def __init__(self, inbox: Inbox, now_ms: Callable[[], int], settings: ChatSettings, city: str, zone: str) -> None:
        self._inbox = inbox
        self._now_ms = now_ms
        self._settings = settings
        self._router = tokens.new_name()
        self._chats: dict[str, Session] = {}
        self._by_contact: dict[str, Session] = {}
        self._commands = Commands(
            inbox, now_ms, settings, city=city, zone=zone, router=self._router, started=self._begun
        )
        self.trouble = ""
        """Slug of what ailed the inbox when it was last asked."""

    def all(self) -> list[Session]:
        """Every session that is remembered."""
        return list(self._chats.values())

    def of(self, contact: str) -> Session | None:
        """The chat of a contact, if its page was here."""
        return self._by_contact.get(contact)

    def forget(self, session: Session) -> None:
        """It can't be come back to here any more."""
        self._chats.pop(session.chat, None)
        if self._by_contact.get(session.contact) is session:
            del self._by_contact[session.contact]

    # What pages do --------------------------------------------------------------------------------------------------

    async def open(self, auth: Auth, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> Session:
        """The chat that the token names, or a new one, with this socket attached."""
        now, ttl_ms = self._now_ms(), int(self._settings.resume_ttl_s * 1000)
        ticket = tokens.read_token(self._inbox.sign, auth.token, now, ttl_ms) if auth.token else None
        known = self._chats.get(ticket.chat) if ticket else None
        wanted = auth.resume
        if known is not None and wanted and wanted.sid == known.sid and known.ring.can_resume(wanted.seq):
            missed = (frame for _, frame in known.ring.after(wanted.seq))
            known.attach(socket, transport, encode(Resumed(wanted.seq)), *missed)
            return known
        session = known or Session(ticket.chat if ticket else tokens.new_name(), self._settings, now)
        session.language = auth.language
        self._chats[session.chat] = session
        try:
            if known is None and ticket is not None and ticket.contact:
                await self._recover(session, ticket)
            seq = session.ring.seq
            snapshot = await self._snapshot(session)
        except ServicecenterError:
            if known is None:
                self.forget(session)
            raise
        first: list[bytes] = []
        if wanted or (auth.token and ticket is None):
            first.append(encode(Reset("gap" if known is not None else "expired")))
        first.append(encode(Ready(session.sid, seq, int(self._settings.resume_ttl_s), snapshot)))
        session.attach(socket, transport, *first, *(frame for _, frame in session.ring.after(seq)))
        return session

    async def command(self, session: Session, frame: Cmd) -> None:
        """Carry it out."""
        self.trouble = await self._commands.carry_out(session, frame)

    async def acknowledge(self, session: Session, seq: int) -> None:
        """The page has everything up to `seq`."""
        number = session.arrived(seq)
        if number:
            await self._inbox.signal(session.contact, "delivered", number)

    async def look_after(self, session: Session) -> None:
        """A sign of life, every few seconds of each page: what no call told, another router's doing, is found here."""
        if self._now_ms() - session.token_at > self._settings.resume_ttl_s * 1000 / RENEWALS:
            session.tell(encode(Renewed(self._commands.renewed_token(session))))
        if session.is_open:
            try:
                await self._catch_up(session)
            except ServicecenterError as error:
                self.trouble = error.slug

    def left(self, session: Session, socket: web.WebSocketResponse) -> None:
        """The socket is gone; a chat in which nothing was said is gone with it."""
        session.detach(socket, self._now_ms())
        if session.socket is None and not session.contact:
            self._chats.pop(session.chat, None)

    def _begun(self, session: Session) -> None:
        self._by_contact[session.contact] = session
        self._chats[session.chat] = session

    async def _recover(self, session: Session, ticket: tokens.Ticket) -> None:
        """A chat that another router served, or this one before it was started again."""
        session.contact = ticket.contact
        self._by_contact[ticket.contact] = session
        seen = await self._inbox.look(ticket.contact)
        phase, why = phase_of(seen)
        session.stand(phase, why)
        if session.is_open and ticket.router != self._router:
            # Whoever served them before waits for them still: this is how it learns that they have not left.
            note = InboundMessage(ticket.contact, text=say("sv", "came-back"), thread=RETURNED, is_automatic=True)
            key = Key(SOURCE, f"{session.chat}:{self._router}:{ticket.at_ms}", session.chat)
            with contextlib.suppress(NotFound):
                await self._inbox.message(key, note)

    async def _snapshot(self, session: Session) -> Snapshot:
        messages: tuple[Message, ...] = ()
        if session.contact:
            if session.is_open:
                self.stand_as(session, await self._inbox.look(session.contact))
            with contextlib.suppress(NotFound):
                said = await self._inbox.said(session.contact)
                messages = tuple(message_of(each) for each in said if not _is_note(each.thread, each.text))
                session.caught_up(max((each.number for each in said), default=0))
        session.is_told_by_snapshot(max((each.n for each in messages if each.by == "agent"), default=0))
        return Snapshot(
            token=self._commands.renewed_token(session),
            phase=session.phase,
            is_open=not self._settings.queue or self._inbox.admits(self._settings.queue),
            messages=(shown := newest(messages)),
            is_cut=len(shown) < len(messages),
            wait=session.wait,
            ahead=session.ahead,
            announcement=session.announcement,
            agent=session.agent,
            answer=session.answer,
            why=session.why,
        )

    async def _catch_up(self, session: Session) -> None:
        stood = session.changes
        seen = await self._inbox.look(session.contact)
        if session.changes == stood:
            # Otherwise a call has told something newer while this was read.
            self.stand_as(session, seen)
        said = await self._inbox.said(session.contact, session.shown_up_to)
        for each in said:
            if each.by != "resident":
                is_new = session.show(message_of(each))
                if is_new and each.by == "agent":
                    session.asked(self._now_ms())
        session.caught_up(max((each.number for each in said), default=0))

    async def is_elsewhere(self, session: Session) -> bool:
        """Whether they have come back to another router meanwhile: it has said so, or they have written there."""
        said = await self._inbox.said(session.contact, session.shown_up_to)
        return sum(each.by == "resident" for each in said) > session.written

    # How it stands --------------------------------------------------------------------------------------------------

    def stand_as(self, session: Session, seen: Seen | None) -> None:
        """It stands as its contact does."""
        phase, why = phase_of(seen)
        announcement = self._settings.announcements.get(seen.announce, {}) if seen else {}
        session.stand(
            phase,
            why,
            wait=band_of(seen.wait_s) if seen and phase == "waiting" else None,
            ahead=seen.ahead if seen and phase == "waiting" and self._settings.tell_ahead else None,
            announcement=announcement.get(session.language, ""),
            agent=session.agent or self.shown_name("") if phase == "agent" else "",
        )

    def shown_name(self, name: str) -> str:
        """What a resident is told of an agent's name: empty says that it is an agent."""
        match self._settings.agent_names:
            case "none":
                return ""
            case "first":
                return name.partition(" ")[0]
            case "full":
                return name


def _is_note(thread: str, text: str) -> bool:
    return thread == RETURNED or text in _NOTES
