"""The disk of the store fills up: what was accepted is kept, callers hear that it is full, room brings it back."""

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.faults.evidence import broken, journal, received
from tests.journeys.ekeby import write_city
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Town
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
    """Take every block that is free; where not even a name finds room, there is none to take."""
    filler = disk / name
    with contextlib.suppress(OSError), filler.open("wb") as file:
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


class Callers:
    """Residents who call now and then, and remember what they were told."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self.accepted: dict[str, str] = {}
        self.statuses: Counter[int] = Counter()

    async def call(self) -> int:
        """One call; the status of the answer."""
        name = f"disk-{self.statuses.total()}"
        answer = await self._town.post("contact.received", {"channel": "phone", "text": "x" * 900}, event_id=name)
        self.statuses[answer.status] += 1
        if answer.status == 202:
            self.accepted[name] = cast("list[str]", answer.body["ids"])[0]
        return answer.status

    async def hear(self, status: int) -> bool:
        """Whether a call is answered so."""
        return await self.call() == status

    async def hear_without(self, ballast: Path) -> bool:
        """Whether a call is taken after the ballast was given up."""
        return await self.call() == 202 and not await asyncio.to_thread(ballast.exists)


async def test_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    """Full once: the ballast is given up and calls go on; full again: 503; with room again all 202 are there."""
    service = ServiceProcess(small_disk / "var", write_city(tmp_path / "city"))
    await asyncio.to_thread(service.start)
    try:
        async with Town(service, "disk") as town:
            callers = Callers(town)
            for _ in range(10):
                assert await callers.call() == 202
            fillers = [await asyncio.to_thread(fill, small_disk, "first")]
            await eventually(lambda: callers.hear_without(small_disk / "var" / "ballast"), 30)
            fillers.append(await asyncio.to_thread(fill, small_disk, "second"))
            await eventually(lambda: callers.hear(503), 30)
            for filler in fillers:
                filler.unlink(missing_ok=True)
            await eventually(lambda: callers.hear(202), 30)
            entries = await journal(service.store_url)
            assert callers.accepted.items() <= received(entries).items()
            assert broken(entries) == []
            assert set(callers.statuses) <= {202, 503}
    finally:
        await asyncio.to_thread(service.stop)
