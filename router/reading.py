"""The register's read side for coroutines: each query in a thread, its failure a clear problem."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine

from router.errors import RegisterUnavailable
from router.history import UNKNOWN_HISTORY, History
from router.protection import strictest
from router.register import amendable, blobs, queries
from router.register.amendable import Finished, Uncoded
from router.register.facts import FactsReader

T = TypeVar("T")


class Reading:
    """Queries of the register by coroutines."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._facts = FactsReader(engine)
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="register-read")

    async def ask(self, query: Callable[..., T], *args: object, **options: object) -> T:
        """Run `query(engine, *args, **options)` in a thread.

        Raises:
            RegisterUnavailable: the register does not answer.
        """
        call = partial(query, self._engine, *args, **options)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def read(self, keys: tuple[str, ...], topic: str, now_ms: int) -> History:
        """What a decision may know of a person; unknown when the register does not answer."""
        try:
            found = await self._facts.facts(keys, topic, now_ms)
        except RegisterUnavailable:
            return UNKNOWN_HISTORY
        users = max(found.persons_using.values(), default=0)
        protection = strictest(found.protections)
        return History(
            found.repeats_7d_any,
            found.repeats_30d_any,
            found.repeats_7d,
            found.repeats_30d,
            found.open_promise,
            users,
            protection,
        )

    async def history(self, person: str, limit: int) -> Sequence[object]:
        """Earlier contacts of a person, newest first."""
        found = await self.ask(queries.history, person_keys=[person], limit=limit)
        return found.items

    async def finished(self, contact_id: str) -> Finished | None:
        """A contact that may have left the store."""
        return await self.ask(amendable.finished, contact_id)

    async def uncoded(self, agent: str, since: int) -> Uncoded:
        """What an agent left uncoded of contacts received since."""
        return await self.ask(amendable.uncoded, agent, since)

    async def close(self) -> None:
        """Give threads and connections back."""
        await self._facts.close()
        self._threads.shutdown(wait=False)


AT_ONCE = 16
"""Writers of blobs: each waits for the disk twice, and a journaling file system makes many durable in one go."""


class Blobs:
    """Long content on disk, for coroutines."""

    def __init__(self, path: Path) -> None:
        self.on_disk = blobs.Blobs(path)
        """The same files, for whoever is in a thread already."""
        self._threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="blobs")

    async def put(self, body: bytes) -> str:
        """Store; durable when this returns."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.on_disk.put, body)

    async def get(self, name: str) -> bytes:
        """The bytes under a name."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.on_disk.get, name)

    async def is_there(self, name: str) -> bool:
        """Whether something is kept under a name."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.on_disk.is_there, name)

    async def remove(self, names: Sequence[str], before_ms: int) -> int:
        """Remove those last put before then, and what crashes left half written; how many files went."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.on_disk.remove, names, before_ms)

    def close(self) -> None:
        """Give the threads back."""
        self._threads.shutdown(wait=False)
