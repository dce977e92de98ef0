"""What a decision may know of a person's past: repeats, open promises, how many persons share a key.

Reads only; says nothing of persons, only of the keys it is asked about. Unknown is None, never 0.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import DBAPIError

from router.errors import RegisterUnavailable
from router.register.working import level2

DAY_MS = 86_400_000
WINDOW_DAYS = 30
MOST_AT_ONCE = 200
"""Requests answered by one query; more wait for the next."""


class FactsQuery(NamedTuple):
    """Who, about what, when; `contact` itself never counts as a repeat."""

    person_keys: tuple[str, ...]
    topic: str
    now_ms: int
    contact: str = ""


class PersonFacts(msgspec.Struct, frozen=True):
    """The past of whoever has these keys; None where nothing can be known."""

    repeats_7d: int | None = None
    """Earlier contacts about the same level-2 topic."""
    repeats_30d: int | None = None
    repeats_7d_any: int | None = None
    """Earlier contacts about anything."""
    repeats_30d_any: int | None = None
    open_promise: bool | None = None
    """A unit has a handover of this person that is offered or accepted, and not done."""
    persons_using: dict[str, int] = {}
    """Different persons (strongest keys) seen with each of the keys; a key that is itself the strongest has none."""
    protections: frozenset[str] = frozenset()
    """Every protection level that earlier contacts with these keys carried, however long ago."""


_PAST = """
    SELECT person_key, at, contact, topic, has_promise FROM person_contacts
    WHERE person_key $WANTED AND (at >= :since OR has_promise)
    UNION ALL
    SELECT person_key, count(*), '', '', false FROM person_links WHERE person_key $WANTED GROUP BY person_key
    UNION ALL
    SELECT person_key, 0, '!', protection, false FROM person_contacts JOIN contacts ON id = contact
    WHERE person_key $WANTED AND protection <> 'none'
"""
"""Past contacts by key; with an empty contact, the number of persons by key; with `!`, a protection once given."""
_WANTED: Mapping[str, str] = MappingProxyType(
    {"sqlite": "IN (SELECT value FROM json_each(:person_keys))", "postgresql": "= ANY(:person_keys)"}
)
"""All keys travel as one parameter, so the statement never changes, however many are asked for."""
_STATEMENTS: Mapping[str, TextClause] = MappingProxyType(
    {dialect: text(_PAST.replace("$WANTED", wanted)) for dialect, wanted in _WANTED.items()}
)


class RegisterFacts:
    """Answers many queries with one statement on one connection of its own; for one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._statement = _STATEMENTS[engine.dialect.name]
        self._connection: Connection | None = None

    def close(self) -> None:
        """Give the connection back."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def read(self, queries: Sequence[FactsQuery]) -> list[PersonFacts]:
        """The facts for each query, in order.

        Raises:
            RegisterUnavailable: the register does not answer.
        """
        keys = {key for query in queries for key in query.person_keys}
        if not keys:
            return [PersonFacts() for _ in queries]
        asked = msgspec.json.encode(list(keys)).decode() if self._is_sqlite else list(keys)
        since = min(query.now_ms for query in queries) - WINDOW_DAYS * DAY_MS
        try:
            self._connection = connection = self._connection or self._engine.connect()
            with connection.begin():
                rows: Sequence[Any] = connection.execute(self._statement, {"person_keys": asked, "since": since}).all()
        except DBAPIError as error:
            self.close()
            raise RegisterUnavailable(type(error.orig).__name__) from error
        found = _Found({}, {}, {})
        for row in rows:
            if row[2] == "!":
                found.protections.setdefault(row[0], set()).add(row[3])
            elif row[2]:
                found.past.setdefault(row[0], []).append(row)
            else:
                found.users[row[0]] = row[1]
        return [_facts(query, found) for query in queries]


class _Found(NamedTuple):
    """The rows of one query, by person key."""

    past: dict[str, list[Any]]
    users: dict[str, int]
    protections: dict[str, set[str]]


def _facts(query: FactsQuery, found: _Found) -> PersonFacts:
    if not query.person_keys:
        return PersonFacts()
    past, users = found.past, found.users
    seen = {row[2]: row for key in query.person_keys for row in past.get(key, ()) if row[2] != query.contact}
    month = [row for row in seen.values() if query.now_ms - WINDOW_DAYS * DAY_MS <= row[1] <= query.now_ms]
    week = [row for row in month if row[1] >= query.now_ms - 7 * DAY_MS]
    return PersonFacts(
        repeats_7d=_same(week, query.topic),
        repeats_30d=_same(month, query.topic),
        repeats_7d_any=len(week),
        repeats_30d_any=len(month),
        open_promise=any(row[4] for row in seen.values()),
        persons_using={key: users.get(key, 0) for key in query.person_keys},
        protections=frozenset(level for key in query.person_keys for level in found.protections.get(key, ())),
    )


def _same(rows: Iterable[Any], topic: str) -> int | None:
    wanted = level2(topic)
    return sum(row[3] == wanted for row in rows) if topic else None


class FactsReader:
    """Facts for coroutines: requests that come together share one query in a thread of its own.

    The caller sets the timeout; a request given up costs nothing more.
    """

    def __init__(self, engine: Engine) -> None:
        self._facts = RegisterFacts(engine)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="register-facts")
        self._waiting: list[tuple[FactsQuery, asyncio.Future[PersonFacts]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def facts(self, person_keys: Sequence[str], topic: str, now_ms: int, contact: str = "") -> PersonFacts:
        """What is known of whoever has these keys.

        Raises:
            RegisterUnavailable: the register does not answer.
        """
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((FactsQuery(tuple(person_keys), topic, now_ms, contact), future))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        return await future

    async def close(self) -> None:
        """Answer what is asked, then give connection and thread back."""
        if self._flushing:
            await self._flushing
        await asyncio.get_running_loop().run_in_executor(self._thread, self._facts.close)
        self._thread.shutdown()

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            batch = [(query, future) for query, future in batch if not future.done()]
            try:
                found = await loop.run_in_executor(self._thread, self._facts.read, [query for query, _ in batch])
            except RegisterUnavailable as error:
                for _query, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_query, future), facts in zip(batch, found, strict=True):
                if not future.done():
                    future.set_result(facts)
