"""Content records that are too long for the store: kept among the blobs and named by hash."""

from typing import Protocol

import msgspec

INLINE_BYTES = 1024
"""Longer content goes to the blobs."""
_encode = msgspec.json.Encoder().encode


class BlobStore(Protocol):
    """Keeps long content, durable when `put` returns."""

    async def put(self, body: bytes) -> str:
        """Store and name by hash."""
        ...

    async def get(self, name: str) -> bytes:
        """The bytes under a name."""
        ...


async def by_reference(record: bytes, blobs: BlobStore) -> bytes:
    """The record itself, or, when it is long, one that names where it is kept: `{"blob", "bytes"}`."""
    if len(record) <= INLINE_BYTES:
        return record
    return _encode({"blob": await blobs.put(record), "bytes": len(record)})
