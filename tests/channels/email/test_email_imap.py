"""Mail fetched by IMAP: kept before it is moved, known when it comes twice, whatever the line does."""

import asyncio
import hashlib
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.email.settings import Poll
from router.errors import StoreUnavailable
from tests.channels.email.imap_server import ImapServer, serving
from tests.channels.email.postbox import BOX, RESIDENT, Postbox, letter, opened
from tests.journeys.waiting import eventually


def poll_of(port: int, **changes: object) -> Poll:
    """One mailbox on the test's server."""
    given: dict[str, object] = {"mailbox": BOX, "host": "127.0.0.1", "port": port, "username": "anna"}
    given |= {"password": "hemligt", "transport": "none", "poll_s": 0.2, "timeout_s": 5}
    return Poll(**(given | changes))  # pyright: ignore[reportArgumentType] - a test's own values


def mail(number: int, text: str = "Hej!") -> bytes:
    """One of several."""
    raw = letter(text, Subject=f"nr {number}", Message_ID=f"<{number}@resident.example.se>").as_bytes()
    return b"Return-Path: <" + RESIDENT.encode() + b">\r\n" + raw


async def all_done(server: ImapServer, count: int, box: Postbox) -> None:
    """Until so many mails lie in the folder for what is done."""

    async def probe() -> bool:
        done = server.folders.get("Servicecenter")
        return done is not None and len(done.mails) == count and not server.folders["INBOX"].mails

    await eventually(probe)
    assert len(box.inbox.contacts) == count


@pytest.mark.parametrize(("can_move", "can_idle"), [(True, True), (False, False)])
async def test_what_lies_there_is_kept_and_moved(can_move: bool, can_idle: bool) -> None:
    """Each mail becomes a contact, with the time that the mail server got it, and then lies in another folder."""
    async with serving(can_move=can_move, can_idle=can_idle) as (server, port):
        for number in range(5):
            server.arrive(mail(number))
        async with opened(imap=(poll_of(port),)) as box:
            await all_done(server, 5, box)
            assert [each.subject for each in box.inbox.contacts.values()] == [f"nr {number}" for number in range(5)]
            assert {each.received_at for each in box.inbox.contacts.values()} == {datetime(2025, 10, 13, 6, tzinfo=UTC)}
            assert [each.to for each in box.inbox.owed] == [RESIDENT]
            server.arrive(mail(5))
            await all_done(server, 6, box)
            assert box.channel.health().state == "up"


async def test_idle_wakes_at_once() -> None:
    """New mail does not wait for the next round."""
    async with serving() as (server, port), opened(imap=(poll_of(port, poll_s=60),)) as box:

        async def is_idle() -> bool:
            return box.channel.health().state == "up"

        await eventually(is_idle)
        server.arrive(mail(1))
        await all_done(server, 1, box)


async def test_a_broken_move_is_no_second_contact() -> None:
    """Kept, but the line broke before it was moved: fetched again, it is known."""
    async with serving() as (server, port):
        server.drops_moves = 3
        server.arrive(mail(1))
        async with opened(imap=(poll_of(port),)) as box:
            await all_done(server, 1, box)
            assert server.logins >= 4


async def test_while_nothing_can_be_kept_nothing_is_moved() -> None:
    """A store that is away: the mail stays where it is, and is fetched when the store is back."""
    async with serving() as (server, port):
        server.arrive(mail(1))
        async with opened(imap=(poll_of(port),)) as box:
            box.inbox.failure = StoreUnavailable()

            async def has_waited() -> bool:
                return bool(server.logins) and box.channel.health().backlog > 0

            await eventually(has_waited)
            assert list(server.folders["INBOX"].mails) == [1]
            box.inbox.failure = None
            await all_done(server, 1, box)


async def test_a_defect_of_ours_holds_nothing_up() -> None:
    """What breaks while a mail is told leaves it where it is, and is tried again."""
    async with serving() as (server, port):
        server.arrive(mail(1))
        async with opened(imap=(poll_of(port),)) as box:
            box.inbox.failure = RuntimeError("made up")  # pyright: ignore[reportAttributeAccessIssue] - a defect

            async def has_waited() -> bool:
                return bool(server.logins) and box.channel.health().backlog > 0

            await eventually(has_waited)
            box.inbox.failure = None
            await all_done(server, 1, box)


async def test_what_is_refused_is_set_aside() -> None:
    """Too large, and our own mail come back: moved to a folder of their own, and the rest goes on."""
    async with serving() as (server, port), opened(imap=(poll_of(port),)) as box:
        ours = letter(Message_ID=box.names.message_id("c09", 2)).as_bytes()
        for raw in (b"Subject: x\r\n\r\n" + b"a" * (26 << 20), ours, mail(1)):
            server.arrive(raw)
        await all_done(server, 1, box)
        assert len(server.folders["Servicecenter refused"].mails) == 2


async def test_a_wrong_password_is_down_and_harms_nothing_else() -> None:
    """The health says that the way in is down; SMTP goes on."""
    async with serving() as (server, port), opened(imap=(poll_of(port, password="fel"),)) as box:

        async def has_tried() -> bool:
            return server.logins > 0

        await eventually(has_tried)
        assert box.channel.health().state == "degraded"
        assert box.port


async def test_stopping_does_not_wait_for_the_other_side() -> None:
    """A server that says nothing for a minute does not hold the service up."""
    async with serving() as (_, port), opened(imap=(poll_of(port, poll_s=60),)) as box:

        async def is_idle() -> bool:
            return box.channel.health().state == "up"

        await eventually(is_idle)
        await box.channel.stop()
        assert box.channel.health().state == "stopped"


DOVECOT = Path("/usr/sbin/dovecot")
DOVECOT_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
first_valid_uid = 0
passdb {{
  driver = static
  args = password=hemligt
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/mail
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
}}
"""


@pytest.fixture
async def dovecot() -> AsyncGenerator[tuple[Path, int]]:
    """A real IMAP server of this test's own: its mail folder and port. Its users must be able to reach the folder."""
    if not os.access(DOVECOT, os.X_OK) or os.getuid():
        pytest.skip("no dovecot, or not allowed to start one")
    with tempfile.TemporaryDirectory(prefix="dovecot-") as name, socket.create_server(("127.0.0.1", 0)) as free:
        folder, port = Path(name), int(free.getsockname()[1])
        free.close()
        config = folder / "dovecot.conf"
        config.write_text(DOVECOT_CONFIG.format(folder=folder, port=port), encoding="ascii")
        open_to_all(folder)
        process = await asyncio.create_subprocess_exec(DOVECOT, "-F", "-c", str(config))
        yield folder / "mail", port
        process.terminate()
        await process.wait()


def open_to_all(folder: Path) -> None:
    """Let a server's own user in."""
    folder.chmod(0o711)


async def test_a_real_server_is_fetched_from(dovecot: tuple[Path, int]) -> None:
    """Dovecot's own INBOX: what lies there and what comes while idling is kept and moved."""
    folder, port = dovecot
    drop(folder, mail(1))
    async with opened(imap=(poll_of(port, poll_s=1),)) as box:
        await eventually(lambda: arrived(box, 1))
        assert box.inbox.contacts["c01"].subject == "nr 1"
        drop(folder, mail(2))
        await eventually(lambda: arrived(box, 2))
        await eventually(lambda: moved(folder, 2))


def drop(folder: Path, raw: bytes) -> None:
    """Put a mail into a maildir, the way a delivery agent does."""
    for each in ("tmp", "new", "cur"):
        (folder / each).mkdir(parents=True, exist_ok=True)
        shutil.chown(folder, "nobody", "nogroup")
        shutil.chown(folder / each, "nobody", "nogroup")
    name = hashlib.sha256(raw).hexdigest()
    (folder / "tmp" / name).write_bytes(raw)
    shutil.chown(folder / "tmp" / name, "nobody", "nogroup")
    (folder / "tmp" / name).rename(folder / "new" / name)


async def arrived(box: Postbox, count: int) -> bool:
    """Whether so many contacts are there."""
    return len(box.inbox.contacts) == count


async def moved(folder: Path, count: int) -> bool:
    """Whether so many mails lie in the folder for what is done, and none where it came from."""
    return kept_in(folder / ".Servicecenter") == count and not kept_in(folder)


def kept_in(folder: Path) -> int:
    """Mails in a maildir."""
    return len([*folder.glob("new/*"), *folder.glob("cur/*")])
