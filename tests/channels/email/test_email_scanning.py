"""A virus scanner behind the channel: what it says goes with every file, and its silence stops no mail."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiosmtplib
import pytest

from channels.email.scanning import Scanning
from channels.email.settings import Scanner
from tests.channels.email.postbox import letter, opened

VIRUS = b"a made-up virus"


@asynccontextmanager
async def clamd(reply: bytes = b"") -> AsyncGenerator[str]:
    """A scanner on a real socket that speaks clamd's INSTREAM: finds one virus, or says `reply` whatever it gets."""

    async def serve(asked: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        assert await asked.readexactly(10) == b"zINSTREAM\0"
        body = b""
        while length := int.from_bytes(await asked.readexactly(4), "big"):
            body += await asked.readexactly(length)
        answers.write(reply or (b"stream: Made-Up FOUND\0" if VIRUS in body else b"stream: OK\0"))
        await answers.drain()
        answers.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize(
    ("program", "verdict"),
    [
        ("import sys; sys.exit(b'virus' in sys.stdin.buffer.read())", "infected"),
        ("import sys; sys.stdin.buffer.read()", "clean"),
        ("import sys; sys.exit(2)", "unknown"),
        ("import sys, select; select.select([], [], [])", "unknown"),
    ],
)
async def test_a_command_says_by_its_status(program: str, verdict: str) -> None:
    """0 is clean, 1 infected; anything else, and whoever never ends, is unknown."""
    scanning = Scanning(Scanner(command=(sys.executable, "-c", program), timeout_s=3))
    assert await scanning.scan(VIRUS) == verdict


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [(b"", "infected"), (b"stream: OK\0", "clean"), (b"INSTREAM size limit exceeded\0", "unknown")],
)
async def test_clamd_says_by_its_line(reply: bytes, verdict: str) -> None:
    """FOUND, OK, and everything else."""
    async with clamd(reply) as where:
        assert await Scanning(Scanner(clamd=where)).scan(b"x" * 200_000 + VIRUS) == verdict


@pytest.mark.parametrize("where", ["127.0.0.1:1", "/nowhere/clamd.sock", "nonsense"])
async def test_nobody_to_ask_is_unknown(where: str) -> None:
    """A scanner that is away is no reason to lose a mail."""
    assert await Scanning(Scanner(clamd=where)).scan(b"x") == "unknown"


async def test_without_a_scanner_nothing_is_said() -> None:
    """Empty is not clean."""
    assert await Scanning(Scanner()).scan(b"x") == ""


async def test_only_what_carries_it_is_infected() -> None:
    """An infected file marks itself and the original, not the other file; the contact says so as a fact.

    This scanner does not open mails: the file is encoded in the original, and found all the same.
    """
    mail = letter()
    mail.add_attachment(VIRUS, maintype="application", subtype="octet-stream", filename="x.exe")
    mail.add_attachment(b"%PDF-1.4 beslut", maintype="application", subtype="pdf", filename="beslut.pdf")
    async with clamd() as where, opened(scanner=Scanner(clamd=where)) as box:
        await aiosmtplib.send(mail, hostname="127.0.0.1", port=box.port, start_tls=False)
        contact = box.inbox.contacts["c01"]
        assert {each.name: each.scan for each in contact.attachments} == {
            "x.exe": "infected",
            "beslut.pdf": "clean",
            "original.eml": "infected",
        }
        assert contact.fields["scan"] == "infected"


async def test_a_mail_without_a_virus_is_clean() -> None:
    """The original says so too."""
    async with clamd() as where, opened(scanner=Scanner(clamd=where)) as box:
        await aiosmtplib.send(letter(), hostname="127.0.0.1", port=box.port, start_tls=False)
        assert {each.scan for each in box.inbox.contacts["c01"].attachments} == {"clean"}
