"""The strategy versions that this router can ask, and which one decides about a contact. Does no I/O itself.

The folder's strategy is always there; whatever lies above it may be missing, and then what lies below decides.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

from router.activations import Activation, Activations
from rules.city import City
from rules.compile import CompiledStrategy

KEPT = 12
"""Versions kept ready beside those in service: old contacts come back to the one that decided them."""
Load = Callable[[str], Awaitable[CompiledStrategy | None]]
"""Finds a version by its hash; None when there is none."""


class Strategies:
    """One object for life: who holds it sees every version that comes or goes."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.activations = Activations()
        self.load: Load | None = None
        """Set by who can read versions; without it nothing is loaded on demand."""
        self._ready: dict[str, CompiledStrategy] = {}

    @property
    def folder(self) -> CompiledStrategy:
        """The city folder's own strategy, which lies below everything."""
        return self.city.strategy

    def for_new(self, facts: Mapping[str, object], key: str, now_ms: int) -> CompiledStrategy:
        """Which version decides about a new contact; `key` is the person's, or the contact's where nobody is known."""
        if self.activations.is_empty:
            return self.folder
        ready = self._ready_of(self.activations.in_force(now_ms), now_ms)
        found = (compiled for each, compiled in ready if each.scope.covers(facts, key, each.hash))
        return next(found, self.folder)

    def for_everybody(self, now_ms: int) -> CompiledStrategy:
        """The version for whom nothing narrower is in force."""
        ready = self._ready_of(self.activations.in_force(now_ms), now_ms)
        return next((compiled for each, compiled in ready if each.scope.is_whole), self.folder)

    def in_force(self, now_ms: int) -> list[tuple[str, str, str]]:
        """Version, hash and reach of everything that decides now: limited, staged, whole, or the folder's own."""
        ready = list(self._ready_of(self.activations.in_force(now_ms), now_ms))
        found = [(compiled.version, compiled.hash, each.kind) for each, compiled in ready]
        if not any(each.scope.is_whole for each, _ in ready):
            found.append((self.folder.version, self.folder.hash, "folder"))
        return list(dict.fromkeys(found))

    def _ready_of(self, wanted: Iterable[Activation], now_ms: int) -> Iterator[tuple[Activation, CompiledStrategy]]:
        """What can be asked of these; for a version that is not at hand, what it took the place of."""
        for each in wanted:
            compiled = self._ready.get(each.hash)
            if compiled is not None:
                yield each, compiled
            else:
                yield from self._ready_of(self.activations.replaced(each.id, now_ms), now_ms)

    def of(self, version_hash: str) -> CompiledStrategy | None:
        """The version of this hash, if it is at hand."""
        return self.folder if version_hash == self.folder.hash else self._ready.get(version_hash)

    def missing(self, now_ms: int) -> list[Activation]:
        """What this router needs and does not have."""
        return [each for each in self.activations.needed(now_ms) if each.hash not in self._ready]

    def keep(self, version_hash: str, compiled: CompiledStrategy, now_ms: int) -> None:
        """A version is at hand now, under the name asked for and its own; the longest unused one goes."""
        self._ready |= {version_hash: compiled, compiled.hash: compiled}
        needed = {each.hash for each in self.activations.needed(now_ms)} | {version_hash, compiled.hash}
        spare = [each for each in self._ready if each not in needed]
        for each in spare[: max(len(spare) - KEPT, 0)]:
            del self._ready[each]

    async def fetch(self, version_hash: str, now_ms: int) -> CompiledStrategy | None:
        """The version of this hash, loaded if it must be; None when it can't be had."""
        found = self.of(version_hash)
        if found is None and self.load is not None and version_hash:
            found = await self.load(version_hash)
            if found is not None:
                self.keep(version_hash, found, now_ms)
        return found
