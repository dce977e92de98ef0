"""Who is protected, by person key: asked for every contact that comes in, in the store's time and not the register's.

The register knows it as well, but may be late; a protected person whose contact is shown to everybody because a
database was slow is no delay, it is a disclosure. Until it was loaded from the register, what it lacks is unknown.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from router.protection import strictest
from router.store.runner import Runner

LOADED = "*"
"""Field that says when everything was loaded last; no person key looks like it."""
AT_ONCE = 1_000


class ProtectedPersons:
    """Protection levels by person key."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._key = runner.keys.protected

    async def remember(self, keys: Sequence[str], level: str) -> None:
        """These keys are a protected person's: durable when this returns. Called before anybody can see the contact."""
        if keys and level != "none":
            await self._runner.write("HSET", self._key, *(part for key in keys for part in (key, level)))

    async def level(self, keys: Sequence[str]) -> str | None:
        """The strictest level of these keys; None when it is not known."""
        reply = await self._runner.read("HMGET", self._key, LOADED, *keys)
        loaded, *found = cast("list[bytes | None]", reply)
        levels = [level.decode() for level in found if level is not None]
        if not levels and loaded is None:
            return None
        return strictest(levels)

    async def is_loaded(self) -> bool:
        """False for a store that has lost it, or is new."""
        return bool(await self._runner.read("HEXISTS", self._key, LOADED))

    async def load(self, known: Mapping[str, str], now_ms: int) -> None:
        """Everybody whom the register knows, added to whom the store knows; no level is lowered."""
        here = {key.decode(): level.decode() for key, level in (await self._runner.read_hash(self._key)).items()}
        raised = {key: strictest((level, here.get(key, "none"))) for key, level in known.items()}
        news = [(key, level) for key, level in raised.items() if here.get(key) != level]
        for first in range(0, len(news), AT_ONCE):
            part = news[first : first + AT_ONCE]
            await self._runner.write("HSET", self._key, *(word for pair in part for word in pair))
        await self._runner.write("HSET", self._key, LOADED, now_ms)
