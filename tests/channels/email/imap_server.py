"""A mail server that speaks as much IMAP as fetching needs, over real sockets: folders, UIDs, IDLE, MOVE or COPY.

Strict about what it is asked, and able to fail where a test wants: drop the line, forget to move, never say anything.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

CRLF = b"\r\n"


class Folder:
    """Mails by UID, oldest first."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.next_uid = 1

    def add(self, raw: bytes) -> int:
        """Put one in."""
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.mails[uid] = raw
        return uid


class ImapServer:
    """The server; a test looks into its folders."""

    def __init__(self, *, can_move: bool = True, can_idle: bool = True) -> None:
        self.folders: dict[str, Folder] = {"INBOX": Folder()}
        self.capabilities = "IMAP4rev1" + (" MOVE" if can_move else "") + (" IDLE" if can_idle else "")
        self.drops_moves = 0
        """So many times the line breaks before a mail is moved."""
        self.logins = 0
        self.changed = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 26)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening."""
        assert self._server is not None
        self._server.close()

    def arrive(self, raw: bytes) -> None:
        """New mail; whoever idles is told."""
        self.folders["INBOX"].add(raw)
        self.changed.set()

    async def _serve(self, asked: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        session = _Session(self, asked, answers)
        try:
            await session.run()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            answers.close()


class _Session:
    def __init__(self, server: ImapServer, asked: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        self._server = server
        self._asked = asked
        self._answers = answers
        self._selected = Folder()

    async def run(self) -> None:
        """Answer commands until the client goes."""
        self._say(b"* OK [CAPABILITY " + self._server.capabilities.encode() + b"] ready")
        while line := (await self._asked.readuntil(CRLF)).decode().strip():
            tag, _, rest = line.partition(" ")
            verb, _, arguments = rest.partition(" ")
            if verb.upper() == "UID":
                verb, _, arguments = arguments.partition(" ")
                verb = "UID_" + verb
            answer = await getattr(self, "_do_" + verb.lower())(tag, arguments)
            self._say(f"{tag} {answer}".encode())
            await self._answers.drain()
            if verb.upper() == "LOGOUT":
                return

    def _say(self, line: bytes) -> None:
        self._answers.write(line + CRLF)

    async def _do_capability(self, _tag: str, _arguments: str) -> str:
        self._say(b"* CAPABILITY " + self._server.capabilities.encode())
        return "OK done"

    async def _do_login(self, _tag: str, arguments: str) -> str:
        self._server.logins += 1
        return "OK in" if arguments == '"anna" "hemligt"' else "NO wrong"

    async def _do_select(self, _tag: str, arguments: str) -> str:
        self._selected = self._server.folders[arguments.strip('"')]
        self._say(f"* {len(self._selected.mails)} EXISTS".encode())
        self._say(b"* OK [UIDVALIDITY 1] ok")
        return "OK [READ-WRITE] selected"

    async def _do_list(self, _tag: str, arguments: str) -> str:
        name = arguments.split('"')[-2] if arguments.endswith('"') else arguments.rsplit(maxsplit=1)[-1]
        if name in self._server.folders:
            self._say(f'* LIST () "/" "{name}"'.encode())
        return "OK listed"

    async def _do_create(self, _tag: str, arguments: str) -> str:
        self._server.folders[arguments.strip('"')] = Folder()
        return "OK created"

    async def _do_noop(self, _tag: str, _arguments: str) -> str:
        self._say(f"* {len(self._selected.mails)} EXISTS".encode())
        return "OK done"

    async def _do_logout(self, _tag: str, _arguments: str) -> str:
        self._say(b"* BYE")
        return "OK bye"

    async def _do_uid_search(self, _tag: str, _arguments: str) -> str:
        self._say(b"* SEARCH " + " ".join(str(uid) for uid in self._selected.mails).encode())
        return "OK searched"

    async def _do_uid_fetch(self, _tag: str, arguments: str) -> str:
        uid, _, parts = arguments.partition(" ")
        raw = self._selected.mails.get(int(uid))
        if raw is None:
            return "OK nothing"
        if "BODY" in parts:
            head = f'* 1 FETCH (UID {uid} INTERNALDATE "13-Oct-2025 06:00:00 +0000" BODY[] {{{len(raw)}}}'
            self._say(head.encode())
            self._answers.write(raw + b")" + CRLF)
        else:
            self._say(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(raw)})".encode())
        return "OK fetched"

    async def _do_uid_move(self, _tag: str, arguments: str) -> str:
        assert "MOVE" in self._server.capabilities
        await self._do_uid_copy(_tag, arguments)
        self._selected.mails.pop(int(arguments.split(maxsplit=1)[0]), None)
        self._server.changed.set()
        return "OK moved"

    async def _do_uid_copy(self, _tag: str, arguments: str) -> str:
        if self._server.drops_moves:
            self._server.drops_moves -= 1
            self._answers.transport.abort()
            raise ConnectionResetError
        uid, _, folder = arguments.partition(" ")
        self._server.folders[folder.strip('"')].add(self._selected.mails[int(uid)])
        return "OK copied"

    async def _do_uid_store(self, _tag: str, arguments: str) -> str:
        assert re.search(r"\+FLAGS \(\\Deleted\)", arguments)
        self._selected.mails.pop(int(arguments.split(maxsplit=1)[0]), None)
        self._server.changed.set()
        return "OK stored"

    async def _do_expunge(self, _tag: str, _arguments: str) -> str:
        return "OK expunged"

    async def _do_idle(self, _tag: str, _arguments: str) -> str:
        self._say(b"+ idling")
        await self._answers.drain()
        done = asyncio.ensure_future(self._asked.readuntil(CRLF))
        while not done.done():
            change = asyncio.ensure_future(self._server.changed.wait())
            await asyncio.wait({done, change}, return_when=asyncio.FIRST_COMPLETED)
            change.cancel()
            if self._server.changed.is_set():
                self._server.changed.clear()
                self._say(f"* {len(self._selected.mails)} EXISTS".encode())
                await self._answers.drain()
        assert (await done).strip() == b"DONE"
        return "OK idled"


@asynccontextmanager
async def serving(*, can_move: bool = True, can_idle: bool = True) -> AsyncGenerator[tuple[ImapServer, int]]:
    """A server and its port."""
    server = ImapServer(can_move=can_move, can_idle=can_idle)
    port = await server.open()
    try:
        yield server, port
    finally:
        server.close()
