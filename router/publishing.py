"""Publishing a strategy: written, checked, simulated, approved by somebody else, brought into service, rolled back.

Drafts and their papers are the register's, what is in service the store's; each step is one write to one of them.
Whoever acts names the revision they saw. Never touches a contact.
"""

import asyncio
import secrets
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from channels.registry import CHANNELS
from router.activations import LONGEST_MS, Activation, Activations, Scope
from router.errors import (
    FourEyes,
    PreconditionFailed,
    SchemaMismatch,
    StaleRevision,
    StrategyError,
    TooLarge,
    TransitionRefused,
    UnknownChannel,
    UnreadableStrategy,
    UnsoundStrategy,
)
from router.reading import Reading
from router.register import strategies as versions
from router.register.documents import Page
from router.register.strategies import Move, Report, Step, Text, Version
from router.store.redis_store import Store
from router.strategies import Strategies
from router.trials import Blocked, Named, Trials, Verdict
from rules.compile import CompiledStrategy
from rules.versions import MOST_CHARACTERS, canonical, compile_text

LATE_MS = 60_000
"""So far back "from now on" may lie: a caller's clock is not ours."""
FARTHEST_MS = 366 * 86_400_000
FOLDER = "folder-"
"""Before the hash: id of the city folder's own strategy."""


class Seen(msgspec.Struct, frozen=True):
    """A version as it stands: its papers and its life in service."""

    version: Version
    activation: Activation | None
    state: str

    @property
    def rev(self) -> int:
        """Counts every move; what a caller must have seen."""
        return self.version.rev + (self.activation.rev if self.activation else 0)


class Wanted(msgspec.Struct, frozen=True):
    """What somebody wants in service."""

    begins_at: int = 0
    """Epoch ms; 0 is now."""
    until: int = 0
    scope: Scope = Scope()
    reason: str = ""


class Publishing:
    """The steps, one method each; `rev` is the revision that the caller saw."""

    def __init__(self, store: Store, reading: Reading, strategies: Strategies, trials: Trials) -> None:
        self._store = store
        self._reading = reading
        self._strategies = strategies
        self._trials = trials
        self._heavy = asyncio.Semaphore(1)
        """One version is compiled here at a time: contacts come first."""

    # Reading -----------------------------------------------------------------------------------------------------

    async def seen(self, version_id: str) -> Seen:
        """A version.

        Raises:
            NotFound: there is none of this id.
        """
        activations = await self._store.activations.all()
        return self._seen(await self._reading.ask(versions.one, version_id), activations)

    async def listed(self, limit: int, page: int) -> Page[Seen]:
        """Versions, newest first."""
        activations = await self._store.activations.all()
        found = await self._reading.ask(versions.listed, limit=limit, page=page)
        return Page([self._seen(each, activations) for each in found.items], found.total, found.limit, found.page)

    async def text(self, version_id: str) -> Text:
        """What a version says."""
        return await self._reading.ask(versions.text, version_id)

    async def reports(self, version_id: str) -> list[Report]:
        """Its latest check and its latest simulation."""
        return await self._reading.ask(versions.reports, version_id)

    async def audit(self, version_id: str) -> list[Step]:
        """Every step of its life."""
        return await self._reading.ask(versions.audit, version_id)

    def _seen(self, version: Version, activations: Activations) -> Seen:
        activation = activations.get(version.id)
        state: str = activation.state if activation is not None else version.state
        if activation is None and version.id.startswith(FOLDER):
            in_force = self._strategies.for_everybody(self._store.clock.now_ms())
            state = "active" if version.hash == in_force.hash == self._strategies.folder.hash else "superseded"
        return Seen(version, activation, state)

    async def _as_seen(self, version_id: str, rev: int) -> Seen:
        """The version, if nobody has moved it since the caller looked."""
        seen = await self.seen(version_id)
        if seen.rev != rev:
            raise PreconditionFailed(f"it is at revision {seen.rev}", field="If-Match")
        return seen

    # Until it is approved ----------------------------------------------------------------------------------------

    async def write(self, text: str, title: str, actor: str) -> Seen:
        """A new draft.

        Raises:
            UnreadableStrategy: it is no strategy for this city.
        """
        named = await self._named(text)
        now = self._store.clock.now_ms()
        version = Version(
            id=f"s{secrets.token_hex(8)}", state="", title=title or named.version, version=named.version,
            hash=named.hash, author=actor, created_at=now, changed_at=now,
        )  # fmt: skip
        said, move = Text(text, named.content), Move(event="write", actor=actor, at=now)
        return Seen(written := await self._reading.ask(versions.write, version, said, move), None, written.state)

    async def revise(self, version_id: str, rev: int, text: str, title: str, actor: str) -> Seen:
        """Another text for a draft.

        Raises:
            TransitionRefused: it is no draft any more.
        """
        seen = await self._as_seen(version_id, rev)
        named = await self._named(text)
        title = title or seen.version.title
        wanted = msgspec.structs.replace(seen.version, title=title, version=named.version, hash=named.hash)
        said = Text(text, named.content)
        return await self._papers(versions.revise, wanted, said, self._move("revise", actor))

    async def check(self, version_id: str, rev: int, actor: str) -> Seen:
        """Run the check and keep what it says; with errors it is a draft again, to be mended."""
        seen = await self._as_seen(version_id, rev)
        found = await self._trials.check((await self.text(version_id)).toml)
        move = self._move("check" if found.is_ok else "find_faults", actor)
        report = self._report("check", found, move)
        return await self._papers(versions.report, version_id, seen.version.rev, move, report)

    async def simulate(self, version_id: str, rev: int, actor: str) -> Seen:
        """Play it on what has been, beside the version in force for everybody, and keep what comes out.

        A guard that it breaks keeps it from being approved.
        """
        seen = await self._as_seen(version_id, rev)
        if seen.version.state not in {"checked", "simulated"}:
            raise TransitionRefused(machine="strategy", state=seen.state, event="simulate")
        now = self._store.clock.now_ms()
        against = self._strategies.for_everybody(now).strategy
        found = await self._trials.simulate((await self.text(version_id)).toml, against, now)
        move = self._move("simulate", actor)
        report = self._report("simulation", found, move)
        return await self._papers(versions.report, version_id, seen.version.rev, move, report)

    async def approve(self, version_id: str, rev: int, actor: str, forum: str, reason: str, decided_on: date) -> Seen:
        """Somebody who did not write it answers for it, in a forum's name.

        Raises:
            UnsoundStrategy: it was not found sound as it stands, for the city as it stands.
            FourEyes: the caller wrote it.
        """
        seen = await self._as_seen(version_id, rev)
        if decided_on.isoformat() > self._today():
            raise SchemaMismatch("expected a day that has come", field="$.date")
        if seen.state in {"draft", "checked", "simulated"}:
            self._must_be_sound(seen.version, await self.reports(version_id))
        authors = await self._reading.ask(versions.authors, version_id)
        if _name(actor) in {_name(author) for author in authors}:
            raise FourEyes(field="Authorization")
        move = self._move("approve", actor, reason, forum, decided_on.isoformat())
        return await self._papers(versions.step, version_id, seen.version.rev, move)

    async def refuse(self, version_id: str, rev: int, actor: str, reason: str) -> Seen:
        """Somebody decides that it shall not be."""
        seen = await self._as_seen(version_id, rev)
        return await self._papers(versions.step, version_id, seen.version.rev, self._move("refuse", actor, reason))

    async def withdraw(self, version_id: str, rev: int, actor: str, reason: str) -> Seen:
        """It is given up; once approved, it can never come into service any more."""
        seen = await self._as_seen(version_id, rev)
        if seen.version.state != "approved":
            move = self._move("withdraw", actor, reason)
            return await self._papers(versions.step, version_id, seen.version.rev, move)
        activations = await self._store.activations.all()
        record = self._record(seen, actor, reason)
        await self._store.activations.end_strategy(activations.ended(record, "withdraw"), activations.number)
        return await self._moved(version_id)

    # In service --------------------------------------------------------------------------------------------------

    async def activate(self, version_id: str, rev: int, actor: str, wanted: Wanted) -> Seen:
        """Bring an approved version into service.

        Raises:
            SchemaMismatch: it would begin in the past, or last too long.
            UnsoundStrategy: the city has changed since it was approved.
            StaleRevision: another version was brought into service at the same moment.
        """
        seen = await self._as_seen(version_id, rev)
        begins_at = self._beginning(wanted, seen)
        if seen.version.state != "approved":
            raise TransitionRefused(machine="activation", state=seen.state, event="activate")
        await self._have(seen.version)
        activations = await self._store.activations.all()
        record = msgspec.structs.replace(
            self._record(seen, actor, wanted.reason), begins_at=begins_at, until=wanted.until, scope=wanted.scope
        )
        await self._store.activations.activate_strategy(activations.activated(record), activations.number)
        return await self._moved(version_id)

    async def roll_back(self, version_id: str, rev: int, actor: str, reason: str) -> Seen:
        """Take a version out of service; what it took the place of comes back."""
        seen = await self._as_seen(version_id, rev)
        activations = await self._store.activations.all()
        if activations.get(version_id) is None:
            raise TransitionRefused(machine="activation", state=seen.state, event="roll_back")
        record = self._record(seen, actor, reason)
        await self._store.activations.end_strategy(activations.rolled_back(record), activations.number)
        return await self._moved(version_id)

    def _beginning(self, wanted: Wanted, seen: Seen) -> int:
        now = self._store.clock.now_ms()
        begins_at = max(wanted.begins_at, now) if wanted.begins_at > now - LATE_MS or not wanted.begins_at else 0
        if not begins_at or begins_at > now + FARTHEST_MS:
            raise SchemaMismatch("expected a moment from now on, within a year", field="$.from")
        if seen.state == "active" and begins_at > now:
            raise SchemaMismatch("a version in service changes at once", field="$.from")
        if wanted.until and not begins_at < wanted.until <= begins_at + LONGEST_MS:
            raise SchemaMismatch("expected a moment after `from`, within 72 hours of it", field="$.until")
        self._check_scope(wanted.scope)
        return begins_at

    def _check_scope(self, scope: Scope) -> None:
        """A trial among nobody is a misspelt word: channels must have an adapter, districts be on the map."""
        for channel in scope.channels:
            if channel not in CHANNELS:
                raise UnknownChannel(f"known: {', '.join(sorted(CHANNELS))}", field="$.scope.channels")
        districts = self._strategies.city.places.ids("district")
        for district in scope.districts:
            if district not in districts:
                known = ", ".join(sorted(districts)) or "none, the city has no map"
                raise SchemaMismatch(f"expected districts of the map; known: {known}", field="$.scope.districts")

    async def _have(self, version: Version) -> None:
        """Nothing comes into service that this router could not ask, or whose words the store does not keep."""
        said = await self.text(version.id)
        compiled = await self._compiled(said.toml)
        if compiled.hash != version.hash:
            raise UnsoundStrategy("the city's topics have changed since it was approved: write it anew")
        now = self._store.clock.now_ms()
        needed = {each.hash for each in self._strategies.activations.needed(now)}
        await self._store.activations.keep_text(version.hash, said.toml, needed)
        self._strategies.keep(version.hash, compiled, now)

    def _record(self, seen: Seen, actor: str, reason: str) -> Activation:
        now, version = self._store.clock.now_ms(), seen.version
        record = seen.activation or Activation(version.id, version.hash, version.version)
        return msgspec.structs.replace(record, actor=actor, reason=reason, at=now)

    async def _moved(self, version_id: str) -> Seen:
        """What stands now; this router knows at once, the others by the journal."""
        found = await self._store.activations.all()
        self._strategies.activations.catch_up(found)
        return self._seen(await self._reading.ask(versions.one, version_id), found)

    # What the steps share ----------------------------------------------------------------------------------------

    async def _papers(self, write: Callable[..., Version], *args: object) -> Seen:
        """One write to the register; whoever came second is told to look again."""
        try:
            version = await self._reading.ask(write, *args)
        except StaleRevision as error:
            raise PreconditionFailed(f"it is at revision {error.detail}", field="If-Match") from None
        return Seen(version, None, version.state)

    async def _named(self, text: str) -> Named:
        if len(text) > MOST_CHARACTERS:
            raise TooLarge(f"a strategy has at most {MOST_CHARACTERS} characters", field="$.toml")
        return await self._trials.read(text)

    async def _compiled(self, text: str) -> CompiledStrategy:
        try:
            async with self._heavy:
                return await asyncio.to_thread(compile_text, self._strategies.city, text)
        except StrategyError as error:
            raise UnreadableStrategy(error.detail, field=error.field) from None

    def _must_be_sound(self, version: Version, reports: list[Report]) -> None:
        latest = {report.kind: report for report in reports}
        for kind in ("check", "simulation"):
            report = latest.get(kind)
            if report is None or report.hash != version.hash or report.city_hash != self._strategies.city.hash:
                raise UnsoundStrategy(f"no {kind} of this content for the city as it stands")
            if not report.is_ok:
                raise UnsoundStrategy(_what_blocks(report))

    def _move(self, event: str, actor: str, reason: str = "", forum: str = "", decided_on: str = "") -> Move:
        now = self._store.clock.now_ms()
        return Move(event=event, actor=actor, at=now, reason=reason, forum=forum, decided_on=decided_on)

    def _report(self, kind: versions.ReportKind, found: Verdict, move: Move) -> Report:
        city_hash = self._strategies.city.hash
        return Report(
            number=0, kind=kind, hash=found.hash, city_hash=city_hash, is_ok=found.is_ok, actor=move.actor, at=move.at,
            body=msgspec.Raw(found.body),
        )  # fmt: skip

    def _today(self) -> str:
        zone = ZoneInfo(self._strategies.city.info.tz)
        return datetime.fromtimestamp(self._store.clock.now_ms() / 1000, zone).date().isoformat()


def folder_version(compiled: CompiledStrategy, toml: str, now_ms: int) -> tuple[Version, Text, Move]:
    """The city folder's own strategy as a version like others."""
    version = Version(
        id=FOLDER + compiled.hash, state="", title=compiled.version, version=compiled.version, hash=compiled.hash,
        author="city_folder", created_at=now_ms, changed_at=now_ms,
    )  # fmt: skip
    move = Move(event="bring_in", actor="city_folder", at=now_ms, reason="the city's folder when the service started")
    return version, Text(toml, canonical(compiled.strategy)), move


def _what_blocks(report: Report) -> str:
    """What must be mended first, with the guards that a simulation names."""
    if guards := msgspec.json.decode(report.body, type=Blocked).blocked_by:
        return f"the {report.kind} is blocked by {', '.join(guards)}"
    return f"the {report.kind} found what must be mended first"


def _name(actor: str) -> str:
    return actor.partition(":")[2].casefold()
