"""The store without a server: the service's own commands, their very Lua, over keys in memory.

What may happen to a contact stands once, in `router/store/lua`; here it runs in an interpreter beside Python, so that a
scene plays what the service does and not what somebody thought it does. Replies come at once; nothing is durable.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol, cast

from lupa import lua51
from redis.exceptions import ResponseError

from router.clock import Clock
from router.journal import Entry, decode
from router.simulation.keyspace import Argument, Keyspace, Raw, Reply
from router.store.coalescer import Coalescer, Now
from router.store.redis_store import Store

_RUN = b"""
local text = ...
local chunk = assert(loadstring('local KEYS, ARGV = ...\\n' .. text))
return function(keys, args)
  local is_done, reply = pcall(chunk, keys, args)
  if not is_done and type(reply) ~= 'table' then
    error(reply)
  end
  return reply
end
"""


class Table(Protocol):
    """A Lua table, as far as it is used here."""

    def __getitem__(self, key: bytes | int) -> object:
        """The value under a key, or None."""
        ...

    def __setitem__(self, key: bytes | int, value: object) -> None:
        """Set a value."""
        ...

    def __len__(self) -> int:
        """Length of the list part."""
        ...


class Runtime(Protocol):
    """The Lua interpreter, as far as it is used here."""

    def execute(self, text: bytes, *args: object) -> object:
        """Run a text."""
        ...

    def globals(self) -> Table:
        """The global names."""
        ...

    def table_from(self, values: object) -> Table:
        """A table with these values."""
        ...


class Lua:
    """Runs the store's scripts over a keyspace, as a server would: Lua 5.1, `redis.call`, `redis.error_reply`."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace
        new_runtime = cast("Callable[..., Runtime]", lua51.LuaRuntime)
        self._runtime = runtime = new_runtime(encoding=None, unpack_returned_tuples=True)
        runtime.globals()[b"redis"] = runtime.table_from({b"call": self._call, b"error_reply": self._error_reply})
        self._scripts: dict[str, Callable[[Table, Table], object]] = {}

    def run(self, text: str, keys: list[Raw], args: list[Raw]) -> Reply:
        """One script's reply.

        Raises:
            ResponseError: the script refused.
        """
        script = self._scripts.get(text)
        if script is None:
            made = self._runtime.execute(_RUN, text.encode())
            script = self._scripts[text] = cast("Callable[[Table, Table], object]", made)
        reply = script(self._runtime.table_from(keys), self._runtime.table_from(args))
        if lua51.lua_type(reply) != "table":
            return reply
        table = cast("Table", reply)
        if table[b"err"] is not None:
            raise ResponseError(cast("bytes", table[b"err"]).decode())
        return [self._part(table[i]) for i in range(1, len(table) + 1)]

    def _call(self, name: Raw, *args: Argument) -> object:
        """What Lua gets: nothing is `false`, a list is a table."""
        reply = self._keyspace.call(name, *args)
        if isinstance(reply, list):
            return self._runtime.table_from([False if each is None else each for each in cast("list[object]", reply)])
        return False if reply is None else reply

    def _error_reply(self, said: Raw) -> Table:
        return self._runtime.table_from({b"err": said})

    @staticmethod
    def _part(value: object) -> Reply:
        """What a client gets: false is nothing, a number is whole."""
        if value is False:
            return None
        return int(value) if isinstance(value, float) else value


class MemoryLane:
    """Stands in for a `Coalescer`: every command is answered before the call returns."""

    def __init__(self, keyspace: Keyspace, clock: Clock, scripts: Mapping[str, str]) -> None:
        self.scripts = dict(scripts)
        self._keyspace = keyspace
        self._clock = clock
        self._lua = Lua(keyspace)

    def call(self, *command: Argument | Now) -> asyncio.Future[Reply]:
        """One command's reply, which is there already."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        try:
            future.set_result(self._answer([self._clock.now_ms() if isinstance(p, Now) else p for p in command]))
        except ResponseError as error:
            future.set_exception(error)
        return future

    def _answer(self, command: list[Argument]) -> Reply:
        name, *args = command
        if name != "EVALSHA":
            return self._keyspace.call(name, *args)
        text, count = self.scripts[str(args[0])], int(args[1])
        words = [_raw(each) for each in args[2:]]
        return self._lua.run(text, words[:count], words[count:])


class MemoryStore(Store):
    """One tenant's open work in this process's memory, under a clock that is handed in.

    Args:
        clock: tells the time.
        listeners: are told of every journal entry, in order, before the command that wrote it has its reply.
    """

    def __init__(self, clock: Clock, listeners: list[Callable[[Entry], None]]) -> None:
        super().__init__("redis://in-memory.invalid", "simulated", clock=clock)
        self.keyspace = Keyspace(clock.now_ms, self._tell)
        self._listeners = listeners
        lane = cast("Coalescer", MemoryLane(self.keyspace, clock, self.runner.writes.scripts))
        self.runner.writes = self.runner.reads = lane

    async def start(self) -> None:
        """There is nothing to open."""

    async def stop(self) -> None:
        """There is nothing to close."""

    def first_deadline(self) -> int | None:
        """When the first deadline is due (epoch ms)."""
        found = cast("list[bytes]", self.keyspace.call("ZRANGE", self.keys.deadlines, 0, 0, "WITHSCORES"))
        return int(found[1]) if found else None

    def _tell(self, raw_entry: bytes) -> None:
        entry = decode(raw_entry)
        for listen in self._listeners:
            listen(entry)


def _raw(value: Argument) -> Raw:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
