"""The store of one tenant: connections, clock, commands, and what is read from it.

Owns the batches and their life. Never decides anything: what may happen stands in lifecycle.py and the Lua.
"""

import secrets
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from typing import cast

import structlog
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from router.clock import Clock, Millis, StoreClock, elapsed_s
from router.journal import Asks
from router.lifecycle import OVER
from router.model import Agent, OpenContact, SideLeg, read_asks
from router.store.activation_commands import ActivationCommands
from router.store.agent_commands import AgentCommands
from router.store.callback_commands import CallbackCommands
from router.store.coalescer import Argument, Coalescer, Reply
from router.store.contact_commands import ContactCommands, EventName
from router.store.fault_index import FaultIndex
from router.store.handover_commands import HandoverCommands
from router.store.keys import PERSON_TTL_MS, TICKET_TTL_MS, Keys, literal
from router.store.leg_commands import LegCommands
from router.store.order_commands import OrderCommands
from router.store.outcome_commands import OutcomeCommands
from router.store.protected_persons import ProtectedPersons
from router.store.queued_commands import QueuedCommands
from router.store.runner import Runner, pairs
from router.store.scripts import load_scripts
from router.store.sending_commands import SendingCommands
from router.store.uploads import Uploads

MAX_SKEW_MS = 1_000
SHARP_MS = 50
"""A round trip longer than this does not tell the store's time well enough."""
READ_PART = 1_000
OPEN_LIMIT = 20
"""Open contacts of one person that are looked at."""
DRAFT = "draft"
"""Field of a content hash that holds words not sent yet."""
_log = structlog.get_logger(__name__)


def connection_pool(url: str, *, timeout_s: float | None = 5.0) -> ConnectionPool:
    """Connections as this service needs them: binary, and without silent retries, which write twice."""
    return ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType] # untyped in redis-py
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=2.0,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
        protocol=2,
    )


class Store:
    """One tenant's open work.

    Args:
        url: `redis://`, `rediss://` or `unix://`.
        tenant: hash tag of every key.
        clock: hands in a clock that tests steer; by default the store's own time is used and guarded.
        replicas: how many must have fsynced before a write is answered.
        give_up_s: how long an unreachable store is tried before callers hear of it.
    """

    def __init__(
        self,
        url: str,
        tenant: str,
        *,
        clock: Clock | None = None,
        replicas: int = 0,
        barrier_ms: int = 1_000,
        give_up_s: float = 5.0,
    ) -> None:
        self.url = url
        self.keys = Keys(tenant)
        self._own_clock = StoreClock() if clock is None else None
        self.clock: Clock = clock or cast("StoreClock", self._own_clock)
        pool = connection_pool(url)
        barrier = list[tuple[Argument, ...]]()
        if replicas:
            # A write of its own first, so that the barrier covers what a batch only found done by another connection.
            # WAIT before WAITAOF: WAITAOF alone waits for the replica's next second.
            mark = ("SET", self.keys.barrier, 1)
            barrier = [mark, ("WAIT", replicas, barrier_ms), ("WAITAOF", 1, replicas, barrier_ms)]
        self._writes = Coalescer(pool, lanes=2, barrier=barrier, give_up_s=give_up_s, now_ms=self.clock.now_ms)
        self._reads = Coalescer(pool, lanes=1, give_up_s=give_up_s)
        scripts = load_scripts(max_skew_ms=MAX_SKEW_MS if clock is None else 0)
        self.runner = Runner(self.keys, scripts, self._writes, self._reads, self.clock, self.sync_clock)
        self.contacts = ContactCommands(self.runner)
        self.agents = AgentCommands(self.runner)
        self.handovers = HandoverCommands(self.runner)
        self.legs = LegCommands(self.runner)
        self.sendings = SendingCommands(self.runner)
        self.queued = QueuedCommands(self.runner)
        self.callbacks = CallbackCommands(self.runner)
        self.orders = OrderCommands(self.runner)
        self.activations = ActivationCommands(self.runner)
        self.outcomes = OutcomeCommands(self.runner)
        self.faults = FaultIndex(self.runner)
        self.protected = ProtectedPersons(self.runner)
        self.uploads = Uploads(self.runner)

    async def start(self) -> None:
        """Open the connections and take the store's time."""
        self._writes.start()
        self._reads.start()
        await self.sync_clock()

    async def stop(self) -> None:
        """Close the connections; what waits fails as unavailable."""
        await self._writes.stop()
        await self._reads.stop()

    def on_batch(self, call: Callable[[int, float], None]) -> None:
        """Tell `call` of every durable exchange: commands, seconds."""
        self._writes.on_batch = call

    @property
    def depth(self) -> int:
        """Commands that wait to be sent."""
        return self._writes.depth

    async def sync_clock(self) -> None:
        """Take the store's time, as it was halfway through the asking; called at start and every few seconds.

        Asked again when the answer was long in coming: whoever waited for a store to come back does not know when in
        that time it looked at its clock.
        """
        store_ms, took_ms = await self._ask_time()
        if took_ms > SHARP_MS:
            store_ms, took_ms = await self._ask_time()
        if self._own_clock is not None:
            self._own_clock.sync(store_ms + took_ms // 2)

    async def _ask_time(self) -> tuple[Millis, Millis]:
        """The store's time, and how long the answer took."""
        asked_s = elapsed_s()
        seconds, micros = cast("list[bytes]", await self.runner.read("TIME"))
        return int(seconds) * 1000 + int(micros) // 1000, int((elapsed_s() - asked_s) * 1000)

    async def secret(self) -> bytes:
        """The tenant's signing key, made once."""
        await self.runner.write("SET", self.keys.secret, secrets.token_hex(32), "NX")
        return cast("bytes", await self.runner.read("GET", self.keys.secret))

    # Reads -----------------------------------------------------------------------------------------------------

    async def contact(self, contact_id: str) -> OpenContact | None:
        """An open contact."""
        return OpenContact.from_hash(contact_id, await self.runner.read_hash(self.keys.contact(contact_id)))

    async def contact_with_content(self, contact_id: str) -> tuple[OpenContact | None, bytes, str]:
        """An open contact, its first content record and its agent's draft, in one exchange."""
        row = self.runner.reads.call("HGETALL", self.keys.contact(contact_id))
        words = self.runner.reads.call("HMGET", self.keys.content(contact_id), 1, DRAFT)
        contact = OpenContact.from_hash(contact_id, pairs(await row))
        first, draft = cast("list[bytes | None]", await words)
        return contact, first or b"", (draft or b"").decode()

    async def contact_ids(self) -> AsyncGenerator[list[str]]:
        """The ids of all contacts, part by part; whoever is there from first to last is among them, maybe twice."""
        prefix, cursor = self.keys.contact(""), b"0"
        while True:
            reply = await self.runner.read("SCAN", cursor, "MATCH", f"{literal(prefix)}*", "COUNT", READ_PART)
            cursor, keys = cast("tuple[bytes, list[bytes]]", reply)
            yield [key.decode().removeprefix(prefix) for key in keys]
            if cursor == b"0":
                return

    async def content(self, contact_id: str) -> dict[int, bytes]:
        """The content records of an open contact, by number; a draft is none."""
        found = await self.runner.read_hash(self.keys.content(contact_id))
        return {int(number): record for number, record in found.items() if number.isdigit()}

    async def attached_content(self, contact_id: str) -> dict[str, dict[int, bytes]]:
        """What was said in the contacts that were attached to this one: contact -> content records by number."""
        attached: dict[str, dict[int, bytes]] = {}
        for name, record in (await self.runner.read_hash(self.keys.content(contact_id))).items():
            other, _, number = name.decode().partition(":")
            if number:
                attached.setdefault(other, {})[int(number)] = record
        return attached

    async def sides(self, contact_id: str) -> dict[str, SideLeg]:
        """The legs beside the owner's, by leg id."""
        found = await self.runner.read_hash(self.keys.sides(contact_id))
        return {leg.decode(): SideLeg.from_text(text.decode()) for leg, text in found.items()}

    async def agent(self, agent_id: str) -> Agent | None:
        """An agent."""
        return Agent.from_hash(agent_id, await self.runner.read_hash(self.keys.agent(agent_id)))

    async def agents_all(self) -> list[Agent]:
        """Every agent."""
        ids = sorted(
            member.decode() for member in cast("Iterable[bytes]", await self.runner.read("SMEMBERS", self.keys.agents))
        )
        found = await self.read_hashes([self.keys.agent(each) for each in ids])
        agents = [Agent.from_hash(each, row) for each, row in zip(ids, found, strict=True)]
        return [agent for agent in agents if agent is not None]

    async def work(self, agent_id: str) -> dict[str, tuple[str, str, str]]:
        """What an agent has in hand: contact -> channel, medium, kind."""
        return read_work(await self.runner.read_hash(self.keys.work(agent_id)))

    async def waiting_in(self, buckets: Sequence[str]) -> list[tuple[str, str, int]]:
        """Everybody in these buckets, each in order: bucket, contact, score."""
        keys = [self.keys.bucket(bucket) for bucket in buckets]
        found = cast("list[list[bytes]]", await self._read_each(keys, "ZRANGE", 0, -1, "WITHSCORES"))
        return [
            (bucket, flat[i].decode(), int(float(flat[i + 1])))
            for bucket, flat in zip(buckets, found, strict=True)
            for i in range(0, len(flat), 2)
        ]

    async def heads(self, bucket: str, count: int) -> list[tuple[int, str]]:
        """The first contacts of a bucket in order: score and id."""
        found = cast(
            "list[bytes]", await self.runner.read("ZRANGE", self.keys.bucket(bucket), 0, count - 1, "WITHSCORES")
        )
        return [(int(float(found[i + 1])), found[i].decode()) for i in range(0, len(found), 2)]

    async def buckets_of(self, queue: str) -> dict[str, Asks]:
        """What the buckets of a queue ask for, by id; also those that nobody waits in now."""
        found = await self.runner.read_hash(self.keys.buckets)
        asked = ((bucket.decode(), read_asks(text)) for bucket, text in found.items())
        return {bucket: asks for bucket, asks in asked if asks.queue == queue}

    async def read_hashes(self, keys: Sequence[str]) -> list[dict[bytes, bytes]]:
        """Many hashes."""
        return [pairs(found) for found in await self._read_each(keys, "HGETALL")]

    async def read_fields(self, contacts: Sequence[str], *fields: str) -> list[list[bytes | None]]:
        """Some fields of many open contacts."""
        keys = [self.keys.contact(contact) for contact in contacts]
        return cast("list[list[bytes | None]]", await self._read_each(keys, "HMGET", *fields))

    async def read_works(self, agents: Sequence[str]) -> list[dict[str, tuple[str, str, str]]]:
        """What many agents have in hand."""
        return [read_work(row) for row in await self.read_hashes([self.keys.work(agent) for agent in agents])]

    async def _read_each(self, keys: Sequence[str], command: str, *args: Argument) -> list[Reply]:
        """The same reading command for many keys, in parts that leave room for other readers."""
        found: list[Reply] = []
        for at in range(0, len(keys), READ_PART):
            part = [self.runner.reads.call(command, key, *args) for key in keys[at : at + READ_PART]]
            found += [await each for each in part]
        return found

    async def contact_by_subject(self, integration: str, source: str, subject: str) -> str:
        """The contact that an integration calls by its own name, or ''."""
        found = await self.runner.read("GET", self.keys.subject(integration, source, subject))
        return cast("bytes", found).decode() if found else ""

    async def contact_of_event(self, event: EventName) -> str:
        """The contact that this very event has been kept with, or ''."""
        found = await self.runner.read("GET", self.keys.event(event.integration, event.source, event.id))
        contact, _, sha = cast("bytes", found).decode().partition(" ") if found else ("", "", "")
        return contact if sha == event.body_sha else ""

    async def open_contacts_of(self, person: str, *, but: str = "") -> list[OpenContact]:
        """What a person has open `but` one contact, oldest first; what is over leaves the index."""
        key = self.keys.person(person)
        found = cast("list[bytes]", await self.runner.read("ZRANGE", key, -OPEN_LIMIT, -1))
        ids = [contact.decode() for contact in found if contact.decode() != but]
        rows = await self.read_hashes([self.keys.contact(each) for each in ids])
        contacts = [OpenContact.from_hash(each, row) for each, row in zip(ids, rows, strict=True)]
        still = [
            contact
            for contact in contacts
            if contact is not None and contact.state not in OVER and contact.person == person
        ]
        if gone := sorted(set(ids) - {contact.id for contact in still}):
            await self.runner.write("ZREM", key, *gone)
        return still

    async def index_person(self, person: str, contact_id: str) -> None:
        """Somebody has said whose contact it is: the index is a hint, and may come after the contact."""
        key = self.keys.person(person)
        await self.runner.write("ZADD", key, self.clock.now_ms(), contact_id)
        await self.runner.write("PEXPIRE", key, PERSON_TTL_MS)

    async def position(self) -> int:
        """Number of the last journal entry."""
        found = await self.runner.read("GET", self.keys.seq)
        return int(cast("bytes", found)) if found else 0

    async def due(self, now_ms: int, limit: int) -> list[tuple[str, int]]:
        """Deadlines that have passed: `<machine>:<id>` and when, oldest first."""
        found = cast(
            "list[bytes]",
            await self.runner.read(
                "ZRANGE", self.keys.deadlines, "-inf", now_ms, "BYSCORE", "LIMIT", 0, limit, "WITHSCORES"
            ),
        )
        return [(found[i].decode(), int(float(found[i + 1]))) for i in range(0, len(found), 2)]

    async def drop_deadline(self, member: str) -> None:
        """Remove a deadline whose thing has gone; the sweep calls it when there is nothing to act on."""
        await self.runner.write("ZREM", self.keys.deadlines, member)

    # What is no contact and no agent ---------------------------------------------------------------------------

    async def postpone_deadline(self, member: str, at_ms: int) -> None:
        """Look at it again later; one that is gone stays gone."""
        await self.runner.write("ZADD", self.keys.deadlines, "XX", at_ms, member)

    async def take_lease(self, name: str, holder: str, ttl_ms: int) -> bool:
        """Take or renew a lease of leadership."""
        reply = await self.runner.run("take_lease", (self.keys.lease(name),), (holder, ttl_ms))
        return reply[0] == 1

    async def beat(self, router: str) -> None:
        """A router's heartbeat, for all its sessions."""
        await self.runner.write("ZADD", self.keys.routers, self.clock.now_ms(), router)

    async def silent_routers(self, before_ms: int) -> list[str]:
        """Routers that have not been heard of since."""
        found = cast("list[bytes]", await self.runner.read("ZRANGE", self.keys.routers, "-inf", before_ms, "BYSCORE"))
        return [router.decode() for router in found]

    async def sessions(self, router: str) -> list[str]:
        """Agents whose sockets a router holds."""
        found = cast("Iterable[bytes]", await self.runner.read("SMEMBERS", self.keys.sessions(router)))
        return sorted(agent.decode() for agent in found)

    async def retire_router(self, router: str) -> None:
        """Forget a router whose sessions have all been taken care of."""
        await self.runner.write("ZREM", self.keys.routers, router)

    async def put_ticket(self, ticket: str, role: str, agent: str) -> None:
        """Keep a one-time ticket for 30 seconds."""
        await self.runner.write("SET", self.keys.ticket(ticket), f"{role} {agent}", "PX", TICKET_TTL_MS)

    async def take_ticket(self, ticket: str) -> tuple[str, str]:
        """Role and agent a ticket was made for; works once, then twice ''."""
        found: Reply = await self.runner.write("GETDEL", self.keys.ticket(ticket))
        role, _, agent = cast("bytes", found).decode().partition(" ") if found else ("", "", "")
        return role, agent

    async def memory_ratio(self) -> float:
        """Used share of the store's memory limit; 0 without a limit."""
        text = cast("bytes", await self.runner.read("INFO", "memory")).decode()
        values = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        limit = int(values.get("maxmemory", "0"))
        return int(values["used_memory"]) / limit if limit else 0.0


def read_work(row: dict[bytes, bytes]) -> dict[str, tuple[str, str, str]]:
    """An agent's work hash: contact -> channel, medium, kind."""
    found: dict[str, tuple[str, str, str]] = {}
    for contact, item in row.items():
        channel, medium, kind = item.decode().split(":")
        found[contact.decode()] = (channel, medium, kind)
    return found
