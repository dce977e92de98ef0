"""What is known of whoever gets in touch: the register's word if it comes in time, the store's on who is protected."""

import asyncio
from typing import Protocol

from router.history import UNKNOWN_HISTORY, History, guarded
from router.identity import Identity
from router.store.redis_store import Store


class HistoryReader(Protocol):
    """Answers from the register, or says that it does not know in time."""

    async def read(self, keys: tuple[str, ...], topic: str, now_ms: int) -> History:
        """Repeats and promises of a person."""
        ...


class KnownPersons:
    """Asked once for every contact that comes in."""

    def __init__(self, store: Store, history: HistoryReader, *, timeout_s: float, shared_after: int) -> None:
        self._store = store
        self._history = history
        self._timeout_s = timeout_s
        self._shared_after = shared_after

    async def of(self, identity: Identity, topic: str, now_ms: int) -> tuple[History, Identity]:
        """What is known, and the identity as it then counts: a key that many use identifies nobody.

        The register may be late and is then left out; whether they are protected the store says, too.
        """
        if not identity.keys:
            return UNKNOWN_HISTORY, identity
        history, level = await asyncio.gather(
            self._in_time(identity, topic, now_ms), self._store.protected.level(identity.keys)
        )
        history = guarded(history, level)
        if identity.strength == "likely" and (history.persons_using or 0) > self._shared_after:
            return History(protection=history.protection), Identity(identity.keys, "shared")
        return history, identity

    async def _in_time(self, identity: Identity, topic: str, now_ms: int) -> History:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._history.read(identity.keys, topic, now_ms)
        except TimeoutError:
            return UNKNOWN_HISTORY
