"""One method for each Lua command on strategy versions in service, and their reading. Decides nothing."""

from collections.abc import Collection, Sequence
from typing import cast

import msgspec

from router.activations import Activation, Activations, Change, Changed, read_activation
from router.journal import EntryData, encode_data
from router.store.coalescer import Argument
from router.store.runner import Runner

NUMBER = b"number"
"""Field beside the versions: how many changes there have been."""
MOST_TEXTS = 20


class ActivationCommands:
    """The strategy versions of the tenant that are, were or never shall be in service."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys

    async def activate_strategy(self, changes: Sequence[Change], seen: int) -> int:
        """Bring a version into service, the first of `changes`; returns the entry's number, 0 when it was done.

        Raises:
            StaleRevision: there has been another change than the `seen` ones.
        """
        return await self._run("activate_strategy", changes, seen)

    async def end_strategy(self, changes: Sequence[Change], seen: int) -> int:
        """Take a version out of service, the first of `changes`; returns the entry's number, 0 when it was done.

        Raises:
            StaleRevision: there has been another change than the `seen` ones.
        """
        return await self._run("end_strategy", changes, seen)

    async def all(self) -> Activations:
        """Everything as it stands in the store."""
        kept = await self._runner.read_hash(self._keys.activations)
        number = int(kept.pop(NUMBER, b"0"))
        return Activations([read_activation(record) for record in kept.values()], number)

    async def restore_activations(self, records: Sequence[Activation], number: int) -> int:
        """Tell a store that has lost everything what there was; returns the entry's number, 0 when it knows of any."""
        changed = msgspec.json.encode(Changed(number, tuple(records)))
        data = EntryData(actor="timer", reason="store_lost", activations=msgspec.Raw(changed))
        reply = await self._runner.run(
            "restore_activations",
            (self._keys.activations, self._keys.seq, self._keys.journal),
            (number, encode_data(data)),
            [part for record in records for part in (record.id, msgspec.json.encode(record))],
        )
        return int(cast("int", reply[0]))

    # What the versions say --------------------------------------------------------------------------------------

    async def text(self, version_hash: str) -> str | None:
        """What a version says, as it was kept here when it came into service; None when it is not here."""
        found = await self._runner.read("HGET", self._keys.strategy_texts, version_hash)
        return found.decode() if isinstance(found, bytes) else None

    async def keep_text(self, version_hash: str, text: str, needed: Collection[str]) -> None:
        """Keep what a version says; when there are many, those that are not `needed` any more go."""
        key = self._keys.strategy_texts
        await self._runner.write("HSET", key, version_hash, text)
        kept = cast("list[bytes]", await self._runner.read("HKEYS", key))
        spare = [each for each in kept if each.decode() not in {*needed, version_hash}]
        if len(kept) > MOST_TEXTS and spare:
            await self._runner.write("HDEL", key, *spare)

    async def _run(self, name: str, changes: Sequence[Change], seen: int) -> int:
        records = [change.after for change in changes]
        reply = await self._runner.run(
            name,
            (self._keys.activations, self._keys.seq, self._keys.journal),
            (seen, encode_data(_entry(records, seen + 1))),
            [part for change in changes for part in _arguments(change)],
        )
        return int(cast("int", reply[0]))


def _entry(records: Sequence[Activation], number: int) -> EntryData:
    first = records[0]
    changed = msgspec.json.encode(Changed(number, tuple(records)))
    return EntryData(
        actor=first.actor, reason=first.reason, until=first.until, to=first.id, activations=msgspec.Raw(changed)
    )


def _arguments(change: Change) -> tuple[Argument, ...]:
    after = change.after
    return after.id, change.event, change.before, after.rev, msgspec.json.encode(after)
