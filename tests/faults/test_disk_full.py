"""The disk of the store fills up: what was accepted is kept, callers hear that it is full, room brings it back."""

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.evidence import broken, journal, received
from tests.journeys.ekeby import write_city
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Answer, Town
from tests.journeys.waiting import eventually

MIB = 1_048_576
DISK = "128m"
"""Room for the ballast and as much again."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, name: str) -> Path:
    """Take every block that is free."""
    filler = disk / name
    with filler.open("wb") as file:
        block = b"x" * MIB
        with contextlib.suppress(OSError):
            while True:
                file.write(block)
                file.flush()
        for size in (4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    os.write(file.fileno(), b"x" * size)
    assert shutil.disk_usage(disk).free == 0
    return filler


async def test_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    """Full once: the ballast is given up and calls go on; full again: 503; with room again all 202 are there."""
    service = ServiceProcess(small_disk / "var", write_city(tmp_path / "city"))
    await asyncio.to_thread(service.start)
    accepted: dict[str, str] = {}
    statuses: set[int] = set()

    async def call(town: Town) -> Answer:
        name = f"disk-{len(statuses)}-{len(accepted)}-{next(numbers)}"
        answer = await town.post("contact.received", {"channel": "phone", "text": "x" * 900}, event_id=name)
        statuses.add(answer.status)
        if answer.status == 202:
            accepted[name] = str(answer.body["ids"][0])  # type: ignore[index] # a list, as the 202 says
        return answer

    numbers = iter(range(1_000_000))
    try:
        async with Town(service, "disk") as town:
            for _ in range(10):
                assert (await call(town)).status == 202
            ballast = small_disk / "var" / "ballast"
            assert ballast.exists()
            fillers = [fill(small_disk, "first")]
            await eventually(lambda: _dropped(town, call, ballast), 30)
            await eventually(lambda: _answers(town, call, 202), 30)
            fillers.append(fill(small_disk, "second"))
            await eventually(lambda: _answers(town, call, 503), 30)
            for filler in fillers:
                filler.unlink()
            await eventually(lambda: _answers(town, call, 202), 30)
            entries = await journal(service.store_url)
            assert accepted.items() <= received(entries).items()
            assert broken(entries) == []
            assert statuses <= {202, 503}
    finally:
        await asyncio.to_thread(service.stop)


async def _dropped(town: Town, call: object, ballast: Path) -> bool:
    await call(town)  # type: ignore[operator]
    return not ballast.exists()


async def _answers(town: Town, call: object, status: int) -> bool:
    return (await call(town)).status == status  # type: ignore[operator]
