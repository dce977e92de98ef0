"""Which fields a contact tells: their names, never what they say. Reads content; writes nothing."""

from typing import cast

import msgspec

from router.capturing import known_fields
from router.long_content import BlobStore
from router.store.redis_store import Store

_any: msgspec.json.Decoder[dict[str, object]] = msgspec.json.Decoder(dict[str, object])


class FieldsTold:
    """Reads the content of open contacts for what a unit needs to know."""

    def __init__(self, store: Store, blobs: BlobStore) -> None:
        self._store = store
        self._blobs = blobs

    async def of(self, contact_id: str) -> frozenset[str]:
        """The names of everything that the resident, the channel or an agent has told so far."""
        records = (await self._store.content(contact_id)).values()
        return frozenset[str]().union(*[known_fields(await unfold(self._blobs, record)) for record in records])


async def unfold(blobs: BlobStore, record: bytes) -> dict[str, object]:
    """A content record's fields; a long one is read from the blobs."""
    fields = _any.decode(record)
    return _any.decode(await blobs.get(cast("str", fields["blob"]))) if "blob" in fields else fields
