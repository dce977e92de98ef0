"""The virus scanner that every file passes: what it says, and that its silence is never taken for clean."""

import asyncio
import sys
from collections import Counter

import pytest

from channels.inbound import Scan
from router.config import ScannerConfig
from router.errors import ConfigurationError, InfectedFile, ScannerUnavailable
from router.scanning import Scanning
from tests.clamd import VIRUS, clamd


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
    scanning = Scanning(ScannerConfig(command=(sys.executable, "-c", program), timeout_s=3))
    assert await scanning.scan(VIRUS) == verdict


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [(b"", "infected"), (b"stream: OK\0", "clean"), (b"INSTREAM size limit exceeded\0", "unknown"), (b"\0", "unknown")],
)
async def test_clamd_says_by_its_line(reply: bytes, verdict: str) -> None:
    """FOUND, OK, and everything else."""
    body = b"x" * 200_000 + VIRUS
    async with clamd(reply) as (where, scanner):
        assert await Scanning(ScannerConfig(clamd=where)).scan(body) == verdict
    assert scanner.shown == [body]


@pytest.mark.parametrize("where", ["127.0.0.1:1", "/nowhere/clamd.sock", "nonsense"])
async def test_nobody_to_ask_is_unknown(where: str) -> None:
    """A scanner that is away says nothing, and raises nothing."""
    assert await Scanning(ScannerConfig(clamd=where)).scan(b"x") == "unknown"


async def test_a_scanner_that_takes_too_long_is_unknown() -> None:
    """Whoever waits for it waits for the set time, not longer."""
    async with clamd() as (where, scanner):
        scanner.hangs = True
        assert await Scanning(ScannerConfig(clamd=where, timeout_s=0.2)).scan(b"x") == "unknown"


async def test_without_a_scanner_nothing_is_said() -> None:
    """Empty is not clean."""
    assert await Scanning(ScannerConfig()).scan(b"x") == ""


async def test_a_few_files_at_a_time() -> None:
    """A crowd of files does not become a crowd of connections; each verdict is counted."""
    counted: Counter[str] = Counter()
    async with clamd() as (where, scanner):
        scanning = Scanning(ScannerConfig(clamd=where, at_once=3), lambda verdict: counted.update([verdict]))
        await asyncio.gather(*(scanning.scan(VIRUS if i % 2 else b"x") for i in range(20)))
    assert scanner.most_at_once <= 3
    assert counted == {"clean": 10, "infected": 10}


async def test_what_was_not_scanned_is_let_out_once_it_is() -> None:
    """Kept back while the scanner is silent, judged when it answers; what was found infected stays so."""
    async with clamd() as (where, scanner):
        scanning = Scanning(ScannerConfig(clamd=where))
        scanner.reply = b"ERROR\0"
        with pytest.raises(ScannerUnavailable):
            await scanning.let_out(b"x", "unknown", "blob")
        scanner.reply = b""
        await scanning.let_out(b"x", "unknown", "blob")
        kept: tuple[tuple[bytes, Scan], ...] = ((VIRUS, "unknown"), (b"x", "infected"))
        for body, said in kept:
            with pytest.raises(InfectedFile) as refused:
                await scanning.let_out(body, said, "blob")
            assert refused.value.field == "blob"
        shown = len(scanner.shown)
        await scanning.let_out(b"x", "clean", "blob")
    assert len(scanner.shown) == shown


def test_two_scanners_are_one_too_many() -> None:
    """Which of them counts would be a guess: the service does not start."""
    with pytest.raises(ConfigurationError) as refused:
        Scanning(ScannerConfig(clamd="x:1", command=("x",)))
    assert refused.value.field == "$.scanner"
