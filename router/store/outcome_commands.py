"""The Lua command that amends the outcomes of a contact that is over, and what the store remembers of it."""

from collections.abc import Sequence
from typing import NamedTuple, cast

from router.journal import EntryData, encode_data
from router.store.contact_commands import ANYONE
from router.store.runner import Done, Runner


class Amended(NamedTuple):
    """What was amended of a contact until now."""

    times: int = 0
    n: int = 0
    """Number of the journal entry that did it last."""


class OutcomeCommands:
    """Outcomes said anew: the contact itself may have left the store."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys

    async def amend_outcome(
        self, contact: str, agent: str, freezes_at: int, data: EntryData, *, expected: int = ANYONE
    ) -> Done:
        """The outcomes of what `agent` had until it was over; `Done.rev` is how often they have been amended.

        Raises:
            StaleRevision: they have been amended another number of times than `expected`.
            OutcomeFrozen: the figure is frozen.
            TransitionRefused: the contact is not over.
            NotYours: another agent has finished it meanwhile.
        """
        keys = self._keys
        return await self._runner.on_contact(
            "amend_outcome",
            (keys.contact(contact), keys.amended(contact), keys.seq, keys.journal),
            (agent, expected, freezes_at, encode_data(data)),
        )

    async def amended(self, contacts: Sequence[str]) -> list[Amended]:
        """How often each of these contacts has been amended."""
        calls = [self._runner.reads.call("GET", self._keys.amended(contact)) for contact in contacts]
        return [_read(cast("bytes | None", await call)) for call in calls]


def _read(kept: bytes | None) -> Amended:
    times, n = kept.split(b" ", 2)[:2] if kept else (0, 0)
    return Amended(int(times), int(n))
