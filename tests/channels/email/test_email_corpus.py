"""Every mail of the shared corpus over real SMTP: each ends as a contact, more of one, or a refusal by name."""

import asyncio
import io
import resource
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from channels.email.settings import Listen
from router.clock import elapsed_s
from tests.channels.email.postbox import BOX, Postbox, opened, wired

FOLDERS = ("cpython", "flanker", "ruby_mail", "mail_parser", "chatwoot", "talon")
LANES = 8
AGAIN = 300
MOST_S = 8.0
"""For one mail, while eight are on their way on a machine with other work."""


def mails(root: Path) -> Iterator[bytes]:
    """Single files, then the archives."""
    for folder in FOLDERS:
        yield from (path.read_bytes() for path in sorted((root / folder).rglob("*")) if path.is_file())
    for path in sorted(root.glob("spamassassin/*.tar.gz")):
        with tarfile.open(path) as archive:
            for member in archive:
                file = archive.extractfile(member)
                if file is not None:
                    yield file.read()


def on_the_wire(raw: bytes) -> bytes:
    """As a client sends it: CRLF, dots doubled."""
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    body = io.BytesIO()
    for line in lines:
        body.write((b"." if line.startswith(b".") else b"") + line + b"\r\n")
    return body.getvalue() + b".\r\n"


async def lane(box: Postbox, waiting: Iterator[bytes], told: "Counter[str]", slowest: list[float]) -> None:
    """One connection, one mail after another."""
    async with wired(box.port) as wire:
        await wire.greeted()
        for raw in waiting:
            started = elapsed_s()
            for line in ("MAIL FROM:<anna@resident.example.se>", f"RCPT TO:<{BOX}>", "DATA"):
                assert (await wire.ask(line))[:3] in {"250", "354"}
            await wire.say(on_the_wire(raw))
            answer = await wire.heard()
            slowest.append(elapsed_s() - started)
            told[answer[:3] if answer.startswith("250") else answer] += 1


async def test_every_mail_ends(shared_data: Path) -> None:
    """No mail is lost, none hangs, none costs memory that is not given back; the same mails again are known."""
    raws = list(mails(shared_data / "email"))
    assert len(raws) > 2_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with opened(Listen(port=0), readers=2) as box:
        for some in (raws, raws[:AGAIN]):
            told: Counter[str] = Counter()
            slowest: list[float] = []
            waiting = iter(some)
            await asyncio.gather(*(lane(box, waiting, told, slowest) for _ in range(LANES)))
            assert sum(told.values()) == len(some)
            assert set(told) == {"250"}
            assert max(slowest) < MOST_S
        distinct = len({contact.attachments[-1].blob for contact in box.inbox.contacts.values()})
        assert len(box.inbox.contacts) >= distinct > 2_000
        assert all(contact.attachments[-1].role == "original" for contact in box.inbox.contacts.values())
        kept_kb = sum(len(body) for body in box.inbox.blobs.values()) // 1024
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < kept_kb * 2 + 200_000
