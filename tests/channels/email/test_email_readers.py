"""The processes that read mail: stopped, killed, starved or overfed, a mail still ends in bounded time."""

import asyncio
import os
import resource
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiosmtplib
import pytest

from channels.email.limits import MEMORY_BYTES, MIB
from channels.email.readers import Readers
from router.clock import elapsed_s
from tests.channels.email.postbox import RESIDENT, letter, opened

RAW = letter().as_bytes()


@asynccontextmanager
async def reading(count: int = 1, whole_s: float = 10, headers_s: float = 10) -> AsyncGenerator[Readers]:
    """Some readers, gone afterwards."""
    readers = Readers(count, whole_s=whole_s, headers_s=headers_s)
    try:
        yield readers
    finally:
        await readers.stop()


def is_alive(pid: int) -> bool:
    """Whether the process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def peak_bytes(pid: int) -> int:
    """The most memory that a process has had."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


async def test_one_that_stands_still_is_killed_and_the_headers_are_read() -> None:
    """Whatever holds a reader up: it goes, another reads the headers, and the mail is a mail without its words."""
    async with reading(whole_s=0.3) as readers:
        await readers.read(RAW, is_null_sender=False)
        [pid] = readers.pids
        os.kill(pid, signal.SIGSTOP)
        started = elapsed_s()
        mail = await readers.read(RAW, is_null_sender=False)
        assert elapsed_s() - started < 5
        assert not is_alive(pid)
        assert (mail.is_read, mail.subject, mail.sender.address) == (False, "En fråga", RESIDENT)
        assert "killed" in mail.faults
        assert readers.killed == 1
        assert (await readers.read(RAW, is_null_sender=False)).is_read


async def test_one_that_dies_is_replaced() -> None:
    """A reader that the system kills takes no mail with it."""
    async with reading() as readers:
        await readers.read(RAW, is_null_sender=False)
        os.kill(readers.pids[0], signal.SIGSTOP)
        waiting = asyncio.create_task(readers.read(RAW, is_null_sender=False))
        await asyncio.wait({waiting}, timeout=0.1)
        os.kill(readers.pids[0], signal.SIGKILL)
        assert (await waiting).subject == "En fråga"


async def test_whoever_stops_waiting_leaves_no_half_answer() -> None:
    """A cancelled question does not leave its answer to the next mail."""
    async with reading() as readers:
        await readers.read(RAW, is_null_sender=False)
        os.kill(readers.pids[0], signal.SIGSTOP)
        waiting = asyncio.create_task(readers.read(RAW, is_null_sender=False))
        await asyncio.wait({waiting}, timeout=0.1)
        waiting.cancel()
        await asyncio.wait({waiting})
        other = letter("Något annat", Subject="Annat").as_bytes()
        assert (await readers.read(other, is_null_sender=False)).subject == "Annat"


async def test_when_all_are_busy_the_next_waits() -> None:
    """More mails than readers are read one after another; each gets its own answer."""
    async with reading(2) as readers:
        raws = [letter(Subject=f"nr {number}").as_bytes() for number in range(30)]
        mails = await asyncio.gather(*(readers.read(raw, is_null_sender=False) for raw in raws))
        assert [each.subject for each in mails] == [f"nr {number}" for number in range(30)]
        assert len(readers.pids) == 2


async def test_a_reader_has_bounds_that_it_cannot_lift() -> None:
    """Memory is capped and no file can be written, whatever a mail makes a library do."""
    async with reading() as readers:
        await readers.read(RAW, is_null_sender=False)
        [pid] = readers.pids
        assert resource.prlimit(pid, resource.RLIMIT_AS) == (MEMORY_BYTES, MEMORY_BYTES)
        assert resource.prlimit(pid, resource.RLIMIT_FSIZE) == (0, 0)


@pytest.mark.parametrize(
    "body", [b"a" * 20 * MIB, b"\n" * 20 * MIB, b"<p>" * 7 * MIB, b"=C3=A5" * 3 * MIB, b"\xe5\n" * 10 * MIB],
    ids=range(5),
)  # fmt: skip
@pytest.mark.parametrize("kind", ["text/plain", "text/html; charset=x", "application/pdf"])
async def test_the_largest_mails_are_read_in_bounded_time_and_memory(body: bytes, kind: str) -> None:
    """As much as SMTP lets in, of the worst: it ends, and the reader stays far below its cap."""
    head = f"Subject: stor\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    async with reading() as readers:
        started = elapsed_s()
        mail = await readers.read(head.encode() + body, is_null_sender=False)
        assert elapsed_s() - started < 10
        assert mail.subject == "stor"
        [pid] = readers.pids
        assert peak_bytes(pid) < MEMORY_BYTES


async def test_an_unreadable_mail_is_a_contact_with_its_original() -> None:
    """What nobody can read becomes a contact that says so and carries the bytes as they came."""
    async with opened() as box:
        raw = (
            b"From: anna@resident.example.se\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            + b"--b\r\n\r\n" * 5000
        )
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=box.port, start_tls=False) as client:
            await client.sendmail(RESIDENT, ["kontakt@example.se"], raw)
        contact = box.inbox.contacts["c01"]
        assert contact.text == "Meddelandet kunde inte tolkas. Originalet är bifogat."
        assert box.inbox.blobs[contact.attachments[-1].blob] == raw
        assert contact.person.email == RESIDENT
