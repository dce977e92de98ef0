"""The composition root: builds everything from one Config, serves, and takes it down in the opposite order.

The only file that knows everyone.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

import msgspec
import structlog
from aiohttp import web

from channels.adapters import ADAPTERS, Adapters
from router.background import Background, supervised
from router.clock import Clock
from router.config import Config
from router.conversation import Conversation
from router.counting import JournalCounter
from router.declaring import Declaring
from router.desk.desk import Desk
from router.desk.ground import DeskGround
from router.dispatch import Dispatcher
from router.errors import ConfigurationError
from router.floor_watch import FloorWatch
from router.ground import Ground, lay_ground
from router.guard_limits import read_guard_limits
from router.guarding import Guarding
from router.handover import Handovers
from router.http.addresses import Pages, routes
from router.http.attachment_pages import AttachmentPages
from router.http.auth import Tokens
from router.http.contacts import ContactPages
from router.http.desktop import Desktops
from router.http.disturbance_pages import DisturbancePages
from router.http.events import EventDoor
from router.http.floor_pages import FloorPages
from router.http.handover_pages import HandoverPages
from router.http.problems import problems
from router.http.service_pages import Health, ServicePages
from router.http.strategy_pages import StrategyPages
from router.intake import Intake
from router.leg_care import LegCare
from router.lines import Lines
from router.pressure_watch import PressureWatch
from router.projector_child import ProjectorChild
from router.publishing import Publishing
from router.register.protections import protections
from router.returning import Returning
from router.store.coalescer import CANCEL_AGAIN_S
from router.store.redis_store import Store
from router.tail import Tail
from router.timers import Sweeper
from router.trials import Trials
from router.welcome import Welcome
from router.wiring import Wired, wire
from rules.city import City

_log = structlog.get_logger(__name__)
START_S = 20.0
END_S = 6.0
"""A second more than the projector gets to end."""
RETRY_S = 0.5
SILENT_S = 75.0
"""A connection without a whole request for so long is closed: between two, before the first, or within its headers."""


class Running(msgspec.Struct, frozen=True):
    """A service that serves."""

    url: str
    port: int
    tokens: Tokens
    city: City
    store: Store
    background: Background


@asynccontextmanager
async def running(config: Config, clock: Clock | None = None, adapters: Adapters = ADAPTERS) -> AsyncGenerator[Running]:
    """Serve while the context is open; whoever hands in a `clock` moves it, and asks `background` for its turns."""
    async with AsyncExitStack() as stack:
        yield await _start(config, stack, clock, adapters)


async def _start(config: Config, stack: AsyncExitStack, clock: Clock | None, adapters: Adapters) -> Running:
    """Everything, in the order in which it needs each other."""
    ground = await lay_ground(config, stack, clock)
    store, city, metrics = ground.store, ground.city, ground.metrics
    intake = _intake(ground)
    conversation = _conversation(ground)
    wired = await wire(ground, intake, conversation, config.http.public_url or _address(config), adapters)
    door = EventDoor(
        intake, conversation, ground.tokens, city, metrics, wired.pressure, max_batch=config.http.max_batch
    )
    desktops = _desktops(ground, intake, wired.lines)
    wired.signals.listener = desktops.signal
    dispatcher = Dispatcher(store, city, metrics, config.floor, ground.shared.opening)
    projector = ProjectorChild(config, store.url, metrics)
    counter = JournalCounter(metrics, lambda: dispatcher.is_leading)
    floor_watch = FloorWatch(
        store, city, ground.shared.opening, ground.counting, ground.standing, ground.shared.strategies
    )
    await _follow(stack, ground, dispatcher, floor_watch, desktops, counter, wired)
    background = _background(ground, dispatcher, floor_watch, desktops, projector, wired)
    await _run_loops(stack, ground, background, projector, is_steered=clock is not None)
    app = web.Application(middlewares=[problems], client_max_size=config.http.max_body_bytes)
    pages = _pages(stack, ground, wired, projector, door, desktops)
    app.add_routes([*routes(pages, metrics.registry), *wired.routes()])
    url, port = await _serve(app, config, stack, desktops)
    await _open_lines(stack, wired)
    _log.info("serving", url=url, city=city.name, strategy=city.strategy.version)
    return Running(url, port, ground.tokens, city, store, background)


def _pages(
    stack: AsyncExitStack, ground: Ground, wired: Wired, projector: ProjectorChild, door: EventDoor, desktops: Desktops
) -> Pages:
    store, city, shared, tokens = ground.store, ground.city, ground.shared, ground.tokens
    return Pages(
        door=door,
        desktops=desktops,
        contacts=ContactPages(store, ground.reading, ground.cards, city, tokens, shared.strategies),
        floor=FloorPages(store, city, shared.opening, ground.board, tokens),
        handovers=HandoverPages(Handovers(store, city, shared.decisions), ground.reading, tokens),
        disturbances=DisturbancePages(Declaring(store, city, shared.opening), tokens),
        service=ServicePages(Health(store, ground.leadership, projector, ground.embedded, wired.lines), city),
        strategies=_strategy_pages(ground, stack),
        attachments=_attachment_pages(ground, wired.lines),
    )


def _attachment_pages(ground: Ground, lines: Lines) -> AttachmentPages:
    most = ground.config.desktop.upload_bytes
    return AttachmentPages(
        ground.store, ground.cards, ground.files, ground.scanning, lines, ground.tokens, max_bytes=most
    )


async def _open_lines(stack: AsyncExitStack, wired: Wired) -> None:
    """Channels begin when everything else serves, and end before it."""
    stack.push_async_callback(wired.stop)
    await wired.start()
    task = asyncio.create_task(supervised("channels", wired.lead), name="channels")
    stack.push_async_callback(_cancel, [task])


def _strategy_pages(ground: Ground, stack: AsyncExitStack) -> StrategyPages:
    store, strategies, config, city = ground.store, ground.shared.strategies, ground.config, ground.city
    limits = read_guard_limits(config.publishing.guards, city.queues, "$.publishing.guards")
    trials = Trials(city, config.register_url, config.publishing, limits)
    stack.push_async_callback(trials.close)
    publishing = Publishing(store, ground.reading, strategies, trials)
    return StrategyPages(publishing, strategies, store, ground.tokens)


def _conversation(ground: Ground) -> Conversation:
    config, shared = ground.config, ground.shared
    return Conversation(
        ground.store,
        ground.city,
        shared.decisions,
        ground.blobs,
        leaving=shared.leaving,
        redeciding=shared.redeciding,
        parked=LegCare(ground.store, ground.city, config.floor),
        short_abandon_s=config.floor.short_abandon_s,
    )


def _intake(ground: Ground) -> Intake:
    floor = ground.config.floor
    return Intake(
        ground.store,
        ground.city,
        ground.identifier,
        ground.metrics,
        decisions=ground.shared.decisions,
        returning=Returning(ground.store, ground.city, floor),
        opening=ground.shared.opening,
        history=ground.reading,
        blobs=ground.blobs,
        waits=ground.board,
        facts_timeout_s=floor.facts_timeout_s,
        shared_after=floor.shared_after_persons,
    )


def _desktops(ground: Ground, intake: Intake, lines: Lines) -> Desktops:
    config = ground.config
    desk = Desk(
        DeskGround(
            store=ground.store,
            city=ground.city,
            cards=ground.cards,
            care=ground.care,
            identifier=ground.identifier,
            config=config.floor,
            intake=intake,
            opening=ground.shared.opening,
            callbacks=ground.shared.callbacks,
            redeciding=ground.shared.redeciding,
            history=ground.reading,
            matters=ground.reading,
            figures=ground.board,
            measures=config.measures,
            ways=lines,
        )
    )
    return Desktops(
        ground.store,
        desk,
        Welcome(ground.store, ground.cards, ground.board),
        ground.cards,
        ground.metrics,
        router_id=ground.router_id,
        config=config.desktop,
        floor=config.floor,
        board=ground.board,
        origins=frozenset({*config.http.origins, _origin(config)}),
    )


def _background(
    ground: Ground,
    dispatcher: Dispatcher,
    floor_watch: FloorWatch,
    desktops: Desktops,
    projector: ProjectorChild,
    wired: Wired,
) -> Background:
    sweeper = Sweeper(
        ground.store,
        ground.city,
        ground.care,
        ground.shared.callbacks,
        ground.shared.waiting,
        ground.config.floor,
        ground.metrics,
    )
    sweeper.add("sending", wired.sendings.send_owed)
    return Background(
        ground.store,
        dispatcher,
        ground.leadership,
        sweeper,
        ground.shared.waiting,
        ground.board,
        floor_watch,
        desktops,
        projector,
        ground.standing,
        ground.active_strategies,
        ground.metrics,
        router_id=ground.router_id,
        others={
            "service": ground.counting.catch_up,
            "files": ground.files.look,
            "pressure": _pressure_watch(ground, projector, wired).look,
            "guarding": Guarding(ground.store, ground.leadership, partial(ground.reading.ask, protections)).look,
        },
    )


def _pressure_watch(ground: Ground, projector: ProjectorChild, wired: Wired) -> PressureWatch:
    return PressureWatch(ground.store, lambda: projector.lag_ms, ground.metrics, wired.pressure, ground.config.data_dir)


async def _follow(
    stack: AsyncExitStack,
    ground: Ground,
    dispatcher: Dispatcher,
    floor_watch: FloorWatch,
    desktops: Desktops,
    counter: JournalCounter,
    wired: Wired,
) -> None:
    """Tail the journal from where it stands now; the orders that stand are read after that place is taken."""
    tail = Tail(ground.store.url, ground.store.keys)
    tail.listeners += [ground.shared.standing_orders.follow, ground.active_strategies.follow, dispatcher.follow]
    tail.listeners.append(lambda entry: floor_watch.follow(entry, dispatcher.floor))
    ground.board.listeners.append(wired.switchboard.tell_places)
    tail.listeners += [desktops.follow, counter.follow, ground.counting.follow, wired.switchboard.follow]
    tail.after_batch.append(dispatcher.wake)
    tail.on_gap += [dispatcher.reload_soon, ground.active_strategies.reload_soon]
    tail.on_gap += [lambda: ground.counting.begin(tail.position + 1)]
    position = await ground.store.position()
    ground.counting.begin(position)
    await ground.shared.standing_orders.load()
    await ground.active_strategies.begin()
    task = asyncio.create_task(tail.run(position), name="tail")
    stack.push_async_callback(tail.close)
    stack.push_async_callback(_cancel, [task], CANCEL_AGAIN_S)


async def _run_loops(
    stack: AsyncExitStack, ground: Ground, background: Background, projector: ProjectorChild, *, is_steered: bool
) -> None:
    await ground.store.beat(ground.router_id)
    tasks = [*background.start(is_steered=is_steered), asyncio.create_task(projector.run(), name="projector")]
    if ground.embedded is not None:
        tasks.append(asyncio.create_task(ground.embedded.supervise(), name="embedded-store"))
    stack.push_async_callback(background.stop)
    stack.push_async_callback(_cancel, tasks)


async def _cancel(tasks: list[asyncio.Task[None]], again_s: float = END_S) -> None:
    """Cancel until all have ended: the store's client may lose a cancellation (see `Coalescer.stop`)."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=again_s)
    await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(app: web.Application, config: Config, stack: AsyncExitStack, desktops: Desktops) -> tuple[str, int]:
    """Listen; sockets are closed before the server waits for its requests."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=3.0, handle_signals=False, keepalive_timeout=SILENT_S)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    stack.push_async_callback(desktops.drain)
    site = web.TCPSite(runner, config.http.host, config.http.port, backlog=1024)
    try:
        await site.start()
    except OSError as error:
        where = f"{config.http.host}:{config.http.port}"
        raise ConfigurationError(f"can't listen on {where}: {error.strerror}", field="$.http.port") from error
    port = int(runner.addresses[0][1])
    host = config.http.host if config.http.host not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104 # compared, not bound
    return f"http://{host}:{port}", port


def _address(config: Config) -> str:
    return f"http://{config.http.host}:{config.http.port}"


def _origin(config: Config) -> str:
    """The web origin of the public address."""
    parts = urlsplit(config.http.public_url or _address(config))
    return f"{parts.scheme}://{parts.netloc}"
