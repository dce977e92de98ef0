"""Which strategy versions are in service: from when, for whom, until when, and which one a new contact meets. Pure.

Knows versions by id and hash only; what they say is `router.strategies`' business.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import msgspec

from router.lifecycle import advance

ActivationState = Literal["", "active", "superseded", "expired", "rolled_back", "withdrawn"]
Event = Literal["activate", "supersede", "reinstate", "expire", "roll_back", "withdraw"]
Kind = Literal["limited", "staged", "whole"]
RANK: Mapping[Kind, int] = {"limited": 2, "staged": 1, "whole": 0}
"""What lies above what: a crisis strategy above a trial, a trial above everybody's."""
PARTS = 10_000
LONGEST_MS = 72 * 3_600_000
"""A strategy that is limited in time is for a crisis: it ends by itself after three days at the latest."""


class Scope(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose contacts: all of these must hold; empty means everybody's."""

    districts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    share_pct: int = 100
    """Share of persons (of contacts, where nobody is known), the same ones every time."""

    @property
    def is_whole(self) -> bool:
        """Whether it is everybody's."""
        return not self.districts and not self.channels and self.share_pct == 100  # noqa: PLR2004 # per cent

    def covers(self, facts: Mapping[str, object], key: str, version_hash: str) -> bool:
        """Whether a contact is inside; what is unknown of it is outside."""
        if self.districts and facts.get("district") not in self.districts:
            return False
        if self.channels and facts.get("channel") not in self.channels:
            return False
        return self.share_pct >= 100 or part_of(key, version_hash) < self.share_pct * PARTS // 100  # noqa: PLR2004 # per cent


def part_of(key: str, version_hash: str) -> int:
    """Where a person stands among ten thousand: another place for each version, the same for one."""
    digest = hashlib.sha256(f"{version_hash}:{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % PARTS


class Activation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version in service, as the last command left it."""

    id: str
    hash: str
    version: str = ""
    state: ActivationState = ""
    rev: int = 0
    number: int = 0
    """Of the change that activated it last: the later lies above."""
    begins_at: int = 0
    until: int = 0
    """When it ends by itself (epoch ms); 0 never."""
    scope: Scope = Scope()
    replaced_by: str = ""
    replaced_at: int = 0
    """When the version that superseded it begins (epoch ms): so long it goes on."""
    actor: str = ""
    reason: str = ""
    at: int = 0
    """When it was changed last (epoch ms)."""

    @property
    def kind(self) -> Kind:
        """Limited in time, staged, or everybody's."""
        return "limited" if self.until else "whole" if self.scope.is_whole else "staged"

    def in_force(self, now_ms: int) -> bool:
        """Whether it decides about new contacts now."""
        if self.state not in {"active", "superseded"} or now_ms < self.begins_at:
            return False
        return not (self.until and now_ms >= self.until) and not (self.replaced_at and now_ms >= self.replaced_at)


class Change(NamedTuple):
    """One record's move."""

    event: Event
    before: ActivationState
    after: Activation


class Changed(msgspec.Struct, frozen=True):
    """What one command changed, as its journal entry says."""

    number: int
    records: tuple[Activation, ...]


read_changed = msgspec.json.Decoder(Changed).decode
read_activation = msgspec.json.Decoder(Activation).decode


class Activations:
    """All activations of the tenant; questions take the moment (epoch ms)."""

    def __init__(self, records: Iterable[Activation] = (), number: int = 0) -> None:
        self._records: dict[str, Activation] = {}
        self._stack: tuple[Activation, ...] = ()
        self.number = number
        """How many changes there have been; a command names the one it saw."""
        self.load(records, number)

    def load(self, records: Iterable[Activation], number: int) -> None:
        """Begin anew with these."""
        self._records = {record.id: record for record in records}
        self._order(number)

    def catch_up(self, read: "Activations") -> None:
        """Take over what was read from the store, unless the journal has told more since."""
        if read.number >= self.number:
            self.load(read.all(), read.number)

    def apply(self, changed: Changed) -> None:
        """Take in what one command changed, in the order of the journal; what is older than known changes nothing."""
        if changed.number > self.number:
            self._records.update({record.id: record for record in changed.records})
            self._order(changed.number)

    def _order(self, number: int) -> None:
        self.number = number
        standing = (record for record in self._records.values() if record.state in {"active", "superseded"})
        self._stack = tuple(sorted(standing, key=lambda each: (RANK[each.kind], each.number), reverse=True))

    def get(self, version: str) -> Activation | None:
        """The activation of a version; None when it never was in service."""
        return self._records.get(version)

    def all(self) -> tuple[Activation, ...]:
        """Every activation there has been, the uppermost first."""
        return tuple(sorted(self._records.values(), key=lambda each: each.number, reverse=True))

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies above the folder's strategy."""
        return not self._stack

    def in_force(self, now_ms: int) -> tuple[Activation, ...]:
        """What decides now, the uppermost first."""
        return tuple(record for record in self._stack if record.in_force(now_ms))

    def replaced(self, version: str, now_ms: int) -> tuple[Activation, ...]:
        """What a version took the place of, and would still decide without it; the uppermost first."""
        return tuple(each for each in self._stack if each.replaced_by == version and not 0 < each.until <= now_ms)

    def needed(self, now_ms: int) -> tuple[Activation, ...]:
        """What a router must have at hand: in force, about to be, or what one rollback would bring back."""
        active = {each.id for each in self._stack if each.state == "active" and not 0 < each.until <= now_ms}
        return tuple(
            each for each in self._stack if each.id in active or each.replaced_by in active or each.in_force(now_ms)
        )

    def over(self, now_ms: int) -> tuple[Activation, ...]:
        """What has ended by itself and is not written down as ended."""
        return tuple(each for each in self._stack if each.state == "active" and 0 < each.until <= now_ms)

    # What a command changes ---------------------------------------------------------------------------------------

    def activated(self, wanted: Activation) -> list[Change]:
        """Bring a version into service: itself, and what it takes the place of."""
        now = msgspec.structs.replace(wanted, number=self.number + 1, replaced_by="", replaced_at=0)
        gone = {"limited"} if now.kind == "limited" else {"staged"} if now.kind == "staged" else {"staged", "whole"}
        replaced = [
            self._moved(each, "supersede", now, replaced_by=now.id, replaced_at=now.begins_at)
            for each in self._stack
            if each.state == "active" and each.kind in gone and each.id != now.id
        ]
        return [self._moved(self._records.get(now.id), "activate", now), *replaced]

    def rolled_back(self, version: Activation) -> list[Change]:
        """Take a version out of service: what it took the place of comes back."""
        given_back = [
            self._moved(each, "reinstate", version, replaced_by="", replaced_at=0)
            for each in self._stack
            if each.state == "superseded" and each.replaced_by == version.id
        ]
        return [self._moved(self._records.get(version.id), "roll_back", version), *given_back]

    def ended(self, version: Activation, event: Literal["expire", "withdraw"]) -> list[Change]:
        """A version's time is over, or it shall never run."""
        return [self._moved(self._records.get(version.id), event, version)]

    @staticmethod
    def _moved(before: Activation | None, event: Event, by: Activation, **more: object) -> Change:
        """The record after `event`; who did it, when and why stands in `by`."""
        state = before.state if before is not None else ""
        record = by if before is None or event in {"activate", "withdraw"} else before
        fields: dict[str, object] = {"actor": by.actor, "reason": by.reason, "at": by.at, **more}
        fields |= {"state": advance("activation", state, event), "rev": (before.rev if before is not None else 0) + 1}
        return Change(event, state, msgspec.structs.replace(record, **fields))
