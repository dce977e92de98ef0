"""Keeps this router's strategies in step with the tenant's: reads what is in service, follows the journal, compiles.

Never keeps a contact waiting: what is not at hand is loaded beside, and until then what lies below decides. Gives no
order to any version but one: the leader writes down that a version's time is over.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog

from router.activations import Activation, read_changed
from router.errors import RegisterUnavailable, ServicecenterError, StaleRevision, StrategyError, Unavailable
from router.journal import Entry
from router.store.redis_store import Store
from router.strategies import Strategies
from router.telemetry import Metrics
from rules.compile import CompiledStrategy
from rules.versions import compile_text

COMMANDS = frozenset({"activate_strategy", "end_strategy", "restore_activations"})
LOOK_S = 1.0
START_S = 5.0
"""How long a start waits for the versions in force; the service serves without them rather than not at all."""
DEMAND_S = 3.0
"""How long an old contact's decision waits for its version: compiling it takes a quarter of a second of a free CPU."""
AGAIN_MS = 5_000
ReadText = Callable[[str], Awaitable[str | None]]
BringIn = Callable[[], Awaitable[None]]
ReadPast = Callable[[], Awaitable[Sequence[Activation]]]
_log = structlog.get_logger(__name__)


class ActiveStrategies:
    """The follower of one router."""

    def __init__(
        self,
        store: Store,
        strategies: Strategies,
        read_text: ReadText,
        bring_in: BringIn,
        read_past: ReadPast,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._strategies = strategies
        self._read_text = read_text
        self._bring_in = bring_in
        self._is_brought_in = False
        self._read_past = read_past
        self._is_past_known = False
        """Whether it is known that nothing was in service before what the store says."""
        self._metrics = metrics
        self._changed = asyncio.Event()
        self._must_reload = False
        self._kept_number = 0
        """How many changes the store knew of when it was last read whole."""
        self._gone: dict[str, int] = {}
        """Hash -> when it was last looked for in vain."""
        strategies.load = self._on_demand

    async def begin(self) -> None:
        """Read what is in service; called after the position was taken from which the journal is followed."""
        await self._reload()
        try:
            async with asyncio.timeout(START_S):
                await self._restore_what_was_lost()
                await self._keep_the_folders()
                await self._complete()
        except TimeoutError:
            _log.warning("strategies_late")

    def follow(self, entry: Entry) -> None:
        """Take in one entry of the journal."""
        if entry.command in COMMANDS:
            changed = read_changed(bytes(entry.data.activations))
            if changed.number > self._strategies.activations.number + 1:
                self._must_reload = True
            else:
                self._strategies.activations.apply(changed)
            self._changed.set()

    def reload_soon(self) -> None:
        """Entries were missed: read everything anew."""
        self._must_reload = True
        self._changed.set()

    async def look(self, *, is_leader: bool) -> float:
        """Load what is missing; the leader ends what is over. Returns at once when something changes."""
        if self._must_reload:
            await self._reload()
        self._changed.clear()
        await self._restore_what_was_lost()
        await self._complete()
        await self._keep_the_folders()
        if is_leader:
            await self._end_what_is_over()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_S):
                await self._changed.wait()
        return 0.0

    async def _keep_the_folders(self) -> None:
        """The folder's strategy is a version like others, and is there when the folder says something else one day."""
        if not self._is_brought_in:
            with contextlib.suppress(RegisterUnavailable):
                await self._bring_in()
                self._is_brought_in = True

    async def _reload(self) -> None:
        found = await self._store.activations.all()
        self._must_reload = False
        self._kept_number = found.number
        self._is_past_known &= found.number > 0
        self._strategies.activations.catch_up(found)

    async def _restore_what_was_lost(self) -> None:
        """A store without activations where this router or the register knows of some has lost them: they come back."""
        if self._is_past_known or self._kept_number:
            return
        past = self._strategies.activations.all()
        try:
            past = past or await self._read_past()
        except RegisterUnavailable:
            return  # asked again at the next look; until then the folder's strategy decides
        self._is_past_known = True
        number = max((record.number for record in past), default=0)
        if past and await self._store.activations.restore_activations(
            past, max(number, self._strategies.activations.number)
        ):
            _log.error("activations_restored", versions=len(past))
        if past:
            await self._reload()

    async def _complete(self) -> None:
        """Have everything at hand that is needed; what can't be had is counted, and tried again."""
        now = self._store.clock.now_ms()
        for each in self._strategies.missing(now):
            if now - self._gone.get(each.hash, 0) >= AGAIN_MS:
                await self._have(each, now)
        self._metrics.strategies_not_loaded.set(len(self._strategies.missing(now)))
        self._metrics.shared.update({"strategy_active": dict.fromkeys(self._strategies.in_force(now), 1.0)})

    async def _have(self, wanted: Activation, now: int) -> None:
        compiled = await self._loaded(wanted.hash, now)
        if compiled is None:
            _log.error("strategy_not_loaded", strategy=wanted.id, hash=wanted.hash)
            return
        self._strategies.keep(wanted.hash, compiled, now)
        if compiled.hash != wanted.hash:
            _log.warning("strategy_hash_changed", strategy=wanted.id, hash=wanted.hash, now=compiled.hash)

    async def _on_demand(self, version_hash: str) -> CompiledStrategy | None:
        """A version that an old contact names; nobody waits long for it, nor again soon for one that is gone."""
        now = self._store.clock.now_ms()
        if now - self._gone.get(version_hash, 0) < AGAIN_MS:
            return None
        try:
            async with asyncio.timeout(DEMAND_S):
                found = await self._loaded(version_hash, now)
        except TimeoutError:
            self._gone[version_hash] = now
            return None
        return found if found is not None and found.hash == version_hash else None

    async def _loaded(self, version_hash: str, now: int) -> CompiledStrategy | None:
        """Read and compile a version, beside the loop; None when it can't be had.

        The store has it since it came into service, so that a register that is away changes nothing.
        """
        slug = "not-found"
        for read in (self._kept_text, self._read_text):
            try:
                text = await read(version_hash)
                if text is not None:
                    compiled = await asyncio.to_thread(compile_text, self._strategies.city, text)
                    self._gone.pop(version_hash, None)
                    if read is self._read_text:
                        await self._keep_text(version_hash, text, now)
                    return compiled
            except (RegisterUnavailable, StrategyError) as error:
                slug = error.slug
        _log.warning("strategy_unreadable", hash=version_hash, slug=slug)
        self._gone[version_hash] = now
        return None

    async def _kept_text(self, version_hash: str) -> str | None:
        with contextlib.suppress(Unavailable):
            return await self._store.activations.text(version_hash)
        return None

    async def _keep_text(self, version_hash: str, text: str, now: int) -> None:
        """A store that is away is no reason not to decide with what the register has said."""
        needed = {each.hash for each in self._strategies.activations.needed(now)}
        with contextlib.suppress(Unavailable):
            await self._store.activations.keep_text(version_hash, text, needed)

    async def _end_what_is_over(self) -> None:
        activations = self._strategies.activations
        now = self._store.clock.now_ms()
        for each in activations.over(now):
            over = msgspec.structs.replace(each, actor="timer", reason="until", at=now)
            try:
                await self._store.activations.end_strategy(activations.ended(over, "expire"), activations.number)
            except StaleRevision:
                return  # something else changed first: its entry is on its way here
            except ServicecenterError as error:
                _log.warning("strategy_not_ended", strategy=each.id, slug=error.slug)
                return
            self._must_reload = True
            return  # one at a time: the next is looked at with the store's new state
