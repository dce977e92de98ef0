"""Files that somebody has handed in and nobody refers to yet: noted before they are on disk; each is used or goes."""

from collections.abc import Collection
from typing import NamedTuple, cast

from router.store.runner import Runner


class Upload(NamedTuple):
    """A file that may never be used."""

    blob: str
    since_n: int
    """The journal's last entry before it was first handed in: what refers to it comes later."""
    at: int
    """When it was last handed in."""


class Uploads:
    """Uploads by the hash that names their file."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys

    async def note(self, blob: str, position: int) -> None:
        """Handed in now; one that was noted before stays at its first entry and is young again."""
        known = await self._read(blob)
        since_n = min(known.since_n, position) if known is not None else position
        value = f"{since_n} {self._runner.clock.now_ms()}"
        await self._runner.write("HSET", self._keys.uploads, blob, value)

    async def is_noted(self, blob: str) -> bool:
        """Whether it waits to be used."""
        return await self._read(blob) is not None

    async def older_than(self, before_ms: int) -> list[Upload]:
        """Those last handed in before then, oldest first."""
        found = await self._runner.read_hash(self._keys.uploads)
        uploads = [_upload(blob.decode(), value.decode()) for blob, value in found.items()]
        return sorted((each for each in uploads if each.at < before_ms), key=lambda each: each.at)

    async def forget(self, blobs: Collection[str]) -> None:
        """Used, or gone."""
        if blobs:
            await self._runner.write("HDEL", self._keys.uploads, *blobs)

    async def _read(self, blob: str) -> Upload | None:
        value = cast("bytes | None", await self._runner.read("HGET", self._keys.uploads, blob))
        return _upload(blob, value.decode()) if value is not None else None


def _upload(blob: str, value: str) -> Upload:
    since_n, at = value.split(" ")
    return Upload(blob, int(since_n), int(at))
