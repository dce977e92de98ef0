"""Runs the Lua commands and plain reads: names to keys, replies to results, refusals to errors. Knows no use case."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, cast

from redis.exceptions import ResponseError

from router.clock import Clock
from router.errors import (
    EventConflict,
    NoCapacity,
    NotFound,
    NotYours,
    OfferGone,
    OutcomeFrozen,
    ServicecenterError,
    StaleRevision,
    StoreUnavailable,
    TransitionRefused,
)
from router.store.coalescer import NOW, Argument, Coalescer, Now, Reply
from router.store.keys import Keys
from router.store.scripts import Script

_REFUSALS: Mapping[str, type[ServicecenterError]] = {
    error.slug: error
    for error in (
        EventConflict,
        NoCapacity,
        NotFound,
        NotYours,
        OfferGone,
        OutcomeFrozen,
        StaleRevision,
        TransitionRefused,
    )
}

SKEWED = "clock-skew"


class Done(NamedTuple):
    """What a command on a contact replies."""

    n: int
    """Number of the journal entry; 0 when nothing had to be done."""
    rev: int
    """The contact's revision afterwards."""
    number: int = 0
    """Number of the offer, leg or handover that the command made."""
    beside: int = 0
    """1 when the agent who accepted holds a written offer beside."""


class Runner:
    """Sends commands for one tenant.

    Writes and reads have a queue each, so that a read never waits for an fsync of others.
    """

    def __init__(
        self,
        keys: Keys,
        scripts: Mapping[str, Script],
        writes: Coalescer,
        reads: Coalescer,
        clock: Clock,
        sync_clock: Callable[[], Awaitable[None]],
    ) -> None:
        self.keys = keys
        self.clock = clock
        self.writes = writes
        self.reads = reads
        self._scripts = scripts
        self._sync_clock = sync_clock
        writes.scripts = {script.sha: script.text for script in scripts.values()}

    async def run(
        self, name: str, keys: Sequence[str], args: Sequence[Argument], rest: Sequence[Argument] = ()
    ) -> list[Reply]:
        """Run one Lua command; `now_ms`, its first argument, is set here when it is sent.

        Raises:
            ServicecenterError: the command refused; the slug says why.
        """
        script = self._scripts[name]
        if len(keys) != len(script.keys) or len(args) + 1 != len(script.args) or (rest and not script.has_rest):
            raise TypeError(f"{name} takes keys {script.keys} and args {script.args}")
        command = ("EVALSHA", script.sha, len(keys), *keys, NOW, *args, *rest)
        try:
            reply = await self._in_time(command)
        except ResponseError as error:
            raise refusal(str(error), type(error).__name__) from None
        return cast("list[Reply]", reply)

    async def _in_time(self, command: tuple[Argument | Now, ...]) -> Reply:
        """Send; a clock that the store finds wrong is set anew, once, and the command sent again."""
        try:
            return await self.writes.call(*command)
        except ResponseError as error:
            if SKEWED not in str(error):
                raise
        await self._sync_clock()
        return await self.writes.call(*command)

    async def on_contact(
        self, name: str, keys: Sequence[str], args: Sequence[Argument], rest: Sequence[Argument] = ()
    ) -> Done:
        """Run a command on a contact under a fresh command id."""
        reply = await self.run(name, keys, (new_command_id(), *args), rest)
        return Done(*(int(cast("int", part or 0)) for part in reply))

    async def read(self, *command: Argument) -> Reply:
        """Run one plain reading command."""
        return await _answer(self.reads.call(*command))

    async def write(self, *command: Argument) -> Reply:
        """Run one plain writing command; for what is no state of a contact or agent."""
        return await _answer(self.writes.call(*command))

    async def read_hash(self, key: str) -> dict[bytes, bytes]:
        """All fields of a hash."""
        return pairs(await self.read("HGETALL", key))


def pairs(reply: Reply) -> dict[bytes, bytes]:
    """A hash's reply as a dict, whichever protocol version brought it."""
    if isinstance(reply, dict):
        return cast("dict[bytes, bytes]", reply)
    flat = cast("list[bytes]", reply)
    return dict(zip(flat[::2], flat[1::2], strict=True))


async def _answer(reply: Awaitable[Reply]) -> Reply:
    """A plain command's reply; what the store refuses on its own account (memory, disk, role) is unavailable."""
    try:
        return await reply
    except ResponseError as error:
        raise StoreUnavailable(type(error).__name__) from None


def refusal(text: str, kind: str = "") -> ServicecenterError:
    """The error for a Lua refusal, `SC <slug> <detail>`; `kind` names what the store itself refused."""
    _, marker, said = text.rpartition("SC ")
    slug, _, detail = said.partition(" ")
    if not marker:
        return StoreUnavailable(kind or text.split(" ", 1)[0])
    error = _REFUSALS.get(slug)
    return error(detail.split(" script:")[0].strip()) if error else StoreUnavailable(slug)


def new_command_id() -> str:
    """A name under which a command may be sent twice and happens once."""
    return secrets.token_hex(8)
