"""The peers of intake: the same HTTP server and intake without a store, and a handler that only decodes the envelope.

Started as `python -m router.bench.bare_server`; the signing key is the first line of stdin, its end ends the process.
"""

import asyncio
import os
import sys
from typing import cast

import msgspec
import uvloop
from aiohttp import web
from prometheus_client import CollectorRegistry

from channels.cloudevents.wire import parse
from router.callbacks import Callbacks
from router.clock import SystemClock
from router.config import FloorConfig, HttpConfig, example_city
from router.conversation import Conversation
from router.decisions import Decisions
from router.fields_told import FieldsTold
from router.history import UNKNOWN_HISTORY, History
from router.http.auth import Tokens, caller_of
from router.http.events import EventDoor
from router.http.problems import problems, reply
from router.identity import Identifier
from router.intake import Intake
from router.leaving import Leaving
from router.leg_care import LegCare
from router.model import OpenContact
from router.opening import Opening
from router.orders import Orders
from router.pressure import Pressure
from router.redeciding import Redeciding
from router.returning import Returning
from router.store.redis_store import Store
from router.telemetry import Metrics
from rules.city import City, load_city

Answer = dict[str, object]


class NoStore:
    """In the store's place: takes everything at once and keeps nothing."""

    def __init__(self) -> None:
        self.clock = SystemClock()
        self.contacts = self

    async def open_contacts_of(self, person: str) -> list[OpenContact]:
        """Nothing open."""
        del person
        return []

    async def receive_contact(self, contact: str, *_: object, **__: object) -> tuple[int, str]:
        """As if it were stored."""
        return 1, contact


class Nothing:
    """In the place of register, blobs and figures: knows nothing."""

    async def read(self, keys: tuple[str, ...], topic: str, now_ms: int) -> History:
        """No history."""
        del keys, topic, now_ms
        return UNKNOWN_HISTORY

    async def put(self, body: bytes) -> str:
        """As if it were kept."""
        return str(len(body))

    async def get(self, name: str) -> bytes:
        """Nothing."""
        return name.encode()

    def wait_s(self, queue: str) -> int | None:
        """Unknown."""
        del queue
        return None

    def ahead(self, queue: str, ready_at: int) -> int | None:
        """Unknown."""
        del queue, ready_at
        return None

    def abandon_pct(self, queue: str) -> int | None:
        """Unknown."""
        del queue
        return None


def application(secret: bytes) -> web.Application:
    """The service's own way in, with nothing behind it; and `/bare`, which only decodes."""
    tokens, city, metrics, nothing = Tokens(secret, SystemClock()), load_city(example_city()), _metrics(), Nothing()
    store = cast("Store", NoStore())
    opening = Opening(city, Orders())
    decisions = Decisions(city, opening, store.clock, metrics)
    intake = Intake(
        store, city, Identifier(secret), metrics, decisions=decisions, returning=Returning(store, city, FloorConfig()),
        opening=opening, history=nothing, blobs=nothing, waits=nothing,
        facts_timeout_s=1.0, shared_after=4,
    )  # fmt: skip
    door = EventDoor(
        intake,
        _conversation(store, city, decisions, opening, nothing),
        tokens,
        city,
        metrics,
        Pressure(),
        max_batch=100,
    )

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        caller_of(request, tokens, "integration")
        events, _ = parse({name.lower(): value for name, value in request.headers.items()}, body)
        return reply({"accepted": len(events), "ids": [event.id for event in events]}, 202)

    app = web.Application(middlewares=[problems], client_max_size=HttpConfig().max_body_bytes)
    app.add_routes([web.post("/v1/events", door.post), web.post("/bare", take)])
    return app


def _conversation(store: Store, city: City, decisions: Decisions, opening: Opening, nothing: Nothing) -> Conversation:
    floor = FloorConfig()
    told = FieldsTold(store, nothing)
    leaving = Leaving(store, city, Callbacks(store, city, opening), decisions, told)
    parked = LegCare(store, city, floor)
    return Conversation(
        store,
        city,
        decisions,
        nothing,
        leaving=leaving,
        redeciding=Redeciding(store, city, decisions, leaving, parked, told),
        parked=parked,
        short_abandon_s=floor.short_abandon_s,
    )


def _metrics() -> Metrics:
    return Metrics(CollectorRegistry())


async def serve() -> None:
    """Serve until stdin ends."""
    secret = bytes.fromhex(sys.stdin.readline().strip())
    runner = web.AppRunner(application(secret), access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    ready = {"url": f"http://127.0.0.1:{runner.addresses[0][1]}", "pid": os.getpid()}
    sys.stdout.write(msgspec.json.encode(ready).decode() + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    uvloop.run(serve())
