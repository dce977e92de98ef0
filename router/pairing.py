"""The nouns of matching: what waits to be paired, what a plan reads, and the record of each match. No logic here."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import msgspec

from router.eligibility import Fitting, PoolKey, Standing
from router.journal import AgentRecord, Asks


class Chosen(msgspec.Struct, frozen=True, omit_defaults=True):
    """The record of one match: the winner, why, and why not the others."""

    agent: str
    reason: str
    """What decided: preferred, nobody_else, interrupts, ring, spared, thrift or longest_idle."""
    idle_ms: int
    waited_ms: int
    losers: dict[str, int] = {}
    """Agents passed over, by reason."""
    runners_up: tuple[str, ...] = ()
    """The next agents who would have got it, in order."""
    ring: int = 0
    """The winner's ring; 0 is what was asked at first."""


class Pairing(msgspec.Struct, frozen=True):
    """One contact for one agent."""

    contact: str
    agent: str
    bucket: str
    asks: Asks
    chosen: Chosen


Turn = tuple[int, int, str]
"""Order class, score, contact: the least comes first."""


class Heads(msgspec.Struct, frozen=True):
    """The first contacts of one bucket: score and contact id, in order; read once, as far as there are agents."""

    bucket: str
    asks: Asks
    contacts: Iterable[tuple[int, str]]
    first: Turn | None = None
    """No contact here has an earlier turn; None: to be read at once, whoever comes first."""
    pools: frozenset[PoolKey] = frozenset()
    """With `first`: worth reading only while one of these has anybody left."""


class Counts(NamedTuple):
    """How many available agents without an offer on its way there are, and how many pools."""

    available: int
    open: int
    """With whom anything fits."""
    idle_for_live: int
    """With nothing in hand, who may take calls: the reserve."""
    open_pools: int


class Floor(Protocol):
    """What a plan reads; `router.floor.FloorState` is the one that is kept from the journal."""

    @property
    def profiles(self) -> Sequence[AgentRecord]:
        """Profile classes by number."""
        ...

    def is_held(self, queue: str) -> bool:
        """Whether written work of this queue is not offered now."""
        ...

    def standing(self, bucket: str, asks: Asks, profile: int) -> Standing:
        """How a profile class stands to what a bucket asks for."""
        ...

    def counts(self) -> Counts:
        """How many there are."""
        ...

    def pools(self) -> Iterable[tuple[PoolKey, int]]:
        """Each pool of available agents and how many of them have no offer on its way."""
        ...

    def size(self, pool: PoolKey) -> int:
        """How many agents a pool has without an offer on its way."""
        ...

    def open_pools(self) -> Iterable[PoolKey]:
        """The pools with whom anything fits."""
        ...

    def pools_of(self, profile: int) -> Iterable[PoolKey]:
        """The open pools of one profile class."""
        ...

    def fitting(self, bucket: str, asks: Asks) -> Sequence[Fitting]:
        """The profile classes that meet a ring of a bucket, innermost ring first, then least scarce skill."""
        ...

    def idlest_of_all(self) -> Iterable[tuple[int, str]]:
        """The agents of all open pools: idle since when, and id, longest idle first."""
        ...

    def idlest(self, pool: PoolKey) -> Iterable[tuple[int, str]]:
        """The pool's agents: idle since when, and id, longest idle first."""
        ...

    def sitting(self, agent: str) -> tuple[PoolKey, int] | None:
        """The pool of an available agent and since when they are idle."""
        ...

    def waits_from(self, contact: str) -> int:
        """From when the waiting time of the rings counts (epoch ms)."""
        ...

    def blocked(self, agent: str, contact: str, medium: str, now_ms: int) -> str:
        """Why this agent is not offered this contact now: cooling_down, declined, or ''."""
        ...

    def interested(self, bucket: str, asks: Asks) -> int:
        """Agents who are at work and could ever take what a bucket asks for."""
        ...

    def reserve(self, queue: str) -> int:
        """How many others must be idle before written work of this queue is offered."""
        ...
