"""What every use case stands on: city, store, register, and the use cases that others share; opened in order.

The composition root lays it and builds everything else upon it.
"""

import asyncio
import os
import secrets
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass

import structlog
from prometheus_client import CollectorRegistry

from router.activations import Activation
from router.active_strategies import ActiveStrategies
from router.callbacks import Callbacks
from router.cards import Cards
from router.clock import Clock, elapsed_s
from router.config import Config, FloorConfig
from router.decisions import Decisions
from router.errors import ConfigurationError, ServicecenterError, StoreUnavailable
from router.fields_told import FieldsTold
from router.figures import FigureBoard
from router.file_care import FileCare
from router.floor_care import FloorCare
from router.http.auth import Tokens
from router.identity import Identifier
from router.leaving import Leaving
from router.leg_care import LegCare
from router.long_content import BlobStore
from router.opening import Opening
from router.publishing import folder_version
from router.queue_care import QueueCare
from router.reading import Blobs, Reading
from router.redeciding import Redeciding
from router.register import strategies as versions
from router.register.engine import migrate, open_engine
from router.scanning import Scanning
from router.service_counting import ServiceCounting
from router.standing import Standing
from router.standing_orders import StandingOrders
from router.store.data_dir import make_data_dir
from router.store.embedded import EmbeddedStore
from router.store.redis_store import Store
from router.strategies import Strategies
from router.telemetry import Metrics
from router.timers import Leadership
from rules.city import STRATEGY, City, load_city

_log = structlog.get_logger(__name__)
START_S = 20.0
RETRY_S = 0.5


@dataclass(frozen=True)
class Shared:
    """Use cases that others call: what stands ordered, what is decided, how waiting ends."""

    standing_orders: StandingOrders
    strategies: Strategies
    opening: Opening
    callbacks: Callbacks
    decisions: Decisions
    leaving: Leaving
    redeciding: Redeciding
    waiting: QueueCare


def share(store: Store, city: City, metrics: Metrics, config: FloorConfig, blobs: BlobStore) -> Shared:
    """The shared use cases of one router."""
    standing_orders = StandingOrders(store)
    opening = Opening(city, standing_orders.orders)
    callbacks = Callbacks(store, city, opening)
    strategies = Strategies(city)
    decisions = Decisions(city, opening, store.clock, metrics, strategies)
    fields_told = FieldsTold(store, blobs)
    leaving = Leaving(store, city, callbacks, decisions, fields_told)
    redeciding = Redeciding(store, city, decisions, leaving, LegCare(store, city, config), fields_told)
    waiting = QueueCare(store, city, opening, callbacks, leaving, redeciding, metrics, strategies)
    return Shared(standing_orders, strategies, opening, callbacks, decisions, leaving, redeciding, waiting)


@dataclass(frozen=True)
class Ground:
    """What every use case stands on."""

    config: Config
    city: City
    store: Store
    embedded: EmbeddedStore | None
    router_id: str
    leadership: Leadership
    metrics: Metrics
    reading: Reading
    blobs: Blobs
    files: FileCare
    scanning: Scanning
    identifier: Identifier
    tokens: Tokens
    board: FigureBoard
    counting: ServiceCounting
    standing: Standing
    cards: Cards
    care: FloorCare
    shared: Shared
    active_strategies: ActiveStrategies


async def lay_ground(config: Config, stack: AsyncExitStack, clock: Clock | None = None) -> Ground:
    """Open city, store and register, in this order; `stack` closes them. Without a `clock`, the store's time counts."""
    make_data_dir(config.data_dir)
    city = load_city(config.city_path)
    store, embedded = await _open_store(config, stack, clock)
    secret = await store.secret()
    router_id = f"{socket.gethostname()[:20]}-{os.getpid()}-{secrets.token_hex(3)}"
    leadership = Leadership(store, router_id, config.floor)
    metrics = Metrics(CollectorRegistry(), is_leader=lambda: leadership.is_leader)
    store.on_batch(metrics.count_batch)
    reading, blobs = await _open_register(config, stack)
    shared = share(store, city, metrics, config.floor, blobs)
    board = FigureBoard(store, metrics)
    shared.decisions.abandon_pct = board.abandon_pct
    return Ground(
        config=config,
        city=city,
        store=store,
        embedded=embedded,
        router_id=router_id,
        leadership=leadership,
        metrics=metrics,
        reading=reading,
        blobs=blobs,
        files=FileCare(store, blobs, reading, leadership),
        scanning=Scanning(config.scanner, lambda verdict: metrics.scans.labels(verdict).inc()),
        identifier=Identifier(secret),
        tokens=Tokens(secret, store.clock),
        board=board,
        counting=ServiceCounting(
            reading, city.info.tz, int(config.floor.short_abandon_s * 1000), now_ms=store.clock.now_ms
        ),
        standing=Standing(reading, metrics, city.info.tz),
        cards=Cards(store, blobs, city),
        care=FloorCare(store, city, config.floor, shared.strategies),
        shared=shared,
        active_strategies=_active_strategies(config, store, reading, shared.strategies, metrics),
    )


def _active_strategies(
    config: Config, store: Store, reading: Reading, strategies: Strategies, metrics: Metrics
) -> ActiveStrategies:
    """Follows what is in service; the register has the texts, the folder its own."""

    async def read_text(version_hash: str) -> str | None:
        return await reading.ask(versions.toml_of, version_hash)

    async def bring_in() -> None:
        text = await asyncio.to_thread((config.city_path / STRATEGY).read_text, encoding="utf-8")
        await reading.ask(versions.bring_in, *folder_version(strategies.folder, text, store.clock.now_ms()))

    async def read_past() -> list[Activation]:
        return await reading.ask(versions.in_service)

    return ActiveStrategies(store, strategies, read_text, bring_in, read_past, metrics)


async def _open_store(config: Config, stack: AsyncExitStack, clock: Clock | None) -> tuple[Store, EmbeddedStore | None]:
    """The configured store, or our own; waits until it answers."""
    embedded: EmbeddedStore | None = None
    url = config.store.redis_url
    if not url:
        embedded = EmbeddedStore(config.data_dir)
        await embedded.start()
        stack.push_async_callback(embedded.stop)
        url = embedded.url
    replicas, barrier_ms = config.store.replicas, config.store.barrier_ms
    store = Store(url, config.tenant.id, clock=clock, replicas=replicas, barrier_ms=barrier_ms)
    stack.push_async_callback(store.stop)
    await _reach(store)
    return store, embedded


async def _reach(store: Store) -> None:
    """Wait until the store answers.

    Raises:
        ConfigurationError: it does not within START_S.
    """
    deadline = elapsed_s() + START_S
    while True:
        try:
            await store.start()
        except StoreUnavailable:
            await store.stop()
            if elapsed_s() > deadline:
                raise ConfigurationError("no store answers at this address", field="$.store.redis_url") from None
            await asyncio.sleep(RETRY_S)
        else:
            return


async def _open_register(config: Config, stack: AsyncExitStack) -> tuple[Reading, Blobs]:
    """The register's read side; a register that is down does not keep the service from starting."""
    engine = open_engine(config.register_url)
    stack.callback(engine.dispose)
    try:
        await asyncio.to_thread(migrate, engine)
    except ServicecenterError as error:
        _log.warning("register_unavailable", slug=error.slug)
    reading = Reading(engine)
    stack.push_async_callback(reading.close)
    blobs = Blobs(config.blobs_path)
    stack.callback(blobs.close)
    return reading, blobs
