"""Every metric and the log set-up: what the service says about itself while it runs.

Nothing here may name a person: metrics carry codes only (never an agent, contact, number or text), and every log
line passes `redact` before it is written. What all routers see alike (queues, agents, the goal) is told by the
leader alone, so that a sum over routers stays true.
"""

import contextlib
import logging
import platform
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import metadata
from types import MappingProxyType
from typing import Literal, NamedTuple, TextIO, cast

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client import disable_created_metrics as _disable_created_metrics
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from router.errors import ServicecenterError

# --- metrics ---------------------------------------------------------------------------------------------------------

NAMESPACE = "servicecenter"
FAST_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
DECIDE_S = (0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.05)
WAIT_S = (5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 1800, 3600)
BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256)

_disable_created_metrics()  # they double the series and say nothing that a scrape does not


class _Maker(NamedTuple):
    """Makes metrics of our namespace in one registry."""

    registry: CollectorRegistry

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, namespace=NAMESPACE, registry=self.registry)

    def gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, namespace=NAMESPACE, registry=self.registry)

    def histogram(self, name: str, text: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(name, text, labels, namespace=NAMESPACE, registry=self.registry, buckets=buckets)


class Metrics:
    """Every metric of one router; the name is `servicecenter_` and the attribute, with `_total` on counters."""

    def __init__(self, registry: CollectorRegistry, *, is_leader: Callable[[], bool] = lambda: False) -> None:
        self.registry = registry
        make = _Maker(registry)
        counter, gauge, histogram = make.counter, make.gauge, make.histogram
        self.intake_events = counter("intake_events", "Events: accepted, repeated or slug", "channel", "result")
        self.intake_seconds = histogram("intake_seconds", "From request to durable answer", FAST_S)
        self.decisions = counter("decisions", "Decisions of the channel strategy", "kind", "tier")
        self.decision_rules = counter("decision_rules", "Rules that made the decisions about new contacts", "rule")
        self.decide_seconds = histogram("decide_seconds", "One decision", DECIDE_S)
        self.contacts = counter("contacts", "Moves of contacts", "channel", "event")
        self.wait_seconds = histogram("wait_seconds", "From arrival to an agent", WAIT_S, "queue", "medium")
        self.offers = counter("offers", "Offers by how they ended", "medium", "result")
        self.offer_latency_seconds = histogram("offer_latency_seconds", "From a free pair to the socket", FAST_S)
        self.desktop_sockets = gauge("desktop_sockets", "Open desktop sockets")
        self.desktop_closed = counter("desktop_closed", "Closed desktop sockets", "code")
        self.desktop_frames = counter("desktop_frames", "Frames sent to desktops")
        self.commands = counter("commands", "Commands from desktops: ok or an error slug", "command", "result")
        self.handovers = counter("handovers", "Moves of handovers", "event")
        self.store_batch_seconds = histogram("store_batch_seconds", "One durable exchange with the store", FAST_S)
        self.store_batch_size = histogram("store_batch_size", "Commands sent to the store together", BATCH)
        self.invariant_violations = counter("invariant_violations", "Broken laws; must stay 0", "invariant")
        self.no_one_possible = counter("no_one_possible", "Contacts that nobody at work could ever take", "queue")
        self.sweeps = counter("sweeps", "Deadlines acted on", "kind")
        self.leader = gauge("leader", "1 while this router leads")
        self.sendings = counter("sendings", "Words for residents that were owed", "adapter", "outcome")
        self.channel_up = gauge("channel_up", "1 while an adapter runs here and works", "adapter")
        self.scans = counter("scans", "Files that the virus scanner was asked about", "verdict")
        self.channel_backlog = gauge("channel_backlog", "What an adapter has not told or sent yet", "adapter")
        self.strategies_not_loaded = gauge("strategies_not_loaded", "Versions in service that can't be had; must be 0")
        self.strategies_gone = counter("strategies_gone", "Decisions by another version than the contact's own")
        _tell_process(registry)
        self.shared = SharedGauges(is_leader)
        registry.register(self.shared)

    def count_batch(self, commands: int, seconds: float) -> None:
        """One durable exchange with the store."""
        self.store_batch_size.observe(commands)
        self.store_batch_seconds.observe(seconds)


def _tell_process(registry: CollectorRegistry) -> None:
    ProcessCollector(registry=registry)
    build = Info("build", "What runs here", namespace=NAMESPACE, registry=registry)
    build.info({"version": metadata.version("servicecenter"), "python": platform.python_version()})


class SharedGauge(NamedTuple):
    """Help text and labels of a gauge that only the leader tells."""

    text: str
    labels: tuple[str, ...] = ()


SHARED: Mapping[str, SharedGauge] = MappingProxyType(
    {
        "queue_waiting": SharedGauge("Contacts waiting", ("queue", "medium")),
        "queue_oldest_seconds": SharedGauge("Age of the oldest waiting contact", ("queue", "medium")),
        "queue_no_one_possible": SharedGauge("Contacts that nobody at work may take", ("queue",)),
        "queue_due_soon": SharedGauge("Written contacts due within an hour", ("queue", "medium")),
        "queue_overdue": SharedGauge("Written contacts past their due time", ("queue", "medium")),
        "service_level_ratio": SharedGauge("Share answered within the target", ("queue", "medium", "period")),
        "abandonment_ratio": SharedGauge("Share that left without an answer", ("queue", "medium", "period")),
        "agents": SharedGauge("Agents by presence", ("presence", "form")),
        "agent_states": SharedGauge("Agents by what they do", ("state",)),
        "alarms": SharedGauge("Alarms that stand", ("kind",)),
        "fairness_index": SharedGauge("How evenly work falls to agents who can do the same; 1 is evenly"),
        "strategy_active": SharedGauge("1 for each version in force", ("version", "hash", "reach")),
        "callbacks": SharedGauge("Callbacks not kept yet, and missed today", ("state",)),
        "notices_late": SharedGauge("Messages owed to residents for more than an hour"),
        "handovers_open": SharedGauge("Handovers not done or returned", ("state",)),
        "handovers_overdue": SharedGauge("Handovers past a deadline"),
        "resolved_ratio": SharedGauge("Share of what reaches the city handled here", ("measure", "state")),
        "store_memory_ratio": SharedGauge("Used share of the store's memory limit"),
        "journal_position": SharedGauge("Number of the last journal entry"),
        "register_lag_entries": SharedGauge("Journal entries that the register lacks"),
        "register_lag_seconds": SharedGauge("Age of the oldest entry that the register lacks"),
        "deadlines_overdue_seconds": SharedGauge("How long the oldest deadline has waited for a sweep"),
    }
)

Values = Mapping[tuple[str, ...], float]
"""Label values, in the order of the labels, to the figure; a gauge without labels has the one key `()`."""


class SharedGauges(Collector):
    """Figures that are the same seen from every router, told only by the one that leads."""

    def __init__(self, is_leader: Callable[[], bool]) -> None:
        self._is_leader = is_leader
        self._snapshot: dict[str, Values] = {}

    def update(self, snapshot: Mapping[str, Values]) -> None:
        """Replace the figures named in `snapshot`, all label values of each at once.

        Raises:
            ValueError: a name is not in `SHARED`, or the label values do not fit its labels.
        """
        for name, values in snapshot.items():
            gauge = SHARED.get(name)
            if gauge is None or any(len(labels) != len(gauge.labels) for labels in values):
                raise ValueError(name)
        self._snapshot.update({name: dict(values) for name, values in snapshot.items()})

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """All families, empty: lets the registry refuse a second metric of the same name."""
        for name, gauge in SHARED.items():
            yield GaugeMetricFamily(f"{NAMESPACE}_{name}", gauge.text, labels=gauge.labels)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures while this router leads; a router that stopped leading forgets them."""
        if not self._is_leader():
            self._snapshot.clear()
            return
        for family, name in zip(self.describe(), SHARED, strict=True):
            for labels, figure in self._snapshot.get(name, {}).items():
                family.add_metric(labels, figure)
            yield family


# --- logs ------------------------------------------------------------------------------------------------------------

REDACTED = "[redacted]"
SECRET_WORDS = (
    frozenset({"authorization", "cookie", "password", "secret", "signature", "ticket", "token"})
    | {"email", "mail", "mobile", "party", "personnummer", "phone", "pii", "ssn"}
)  # fmt: skip
"""A field whose name has one of these among its words is never written."""
SECRET_NAMES = (
    frozenset(
        {"attachments", "body", "content", "data", "draft", "fields", "message", "msg", "note", "subject", "text"}
    )
    | {"address", "first_name", "from", "last_name", "name", "person", "person_key", "reply_to", "sender", "to"}
    | {"lat", "location", "locals", "lon", "query"}
)
"""A field with exactly this name is never written."""
OWN_FIELDS = frozenset(("timestamp", "level", "logger"))
"""Set by the chain itself, never from outside."""

_PATTERNS = (
    (re.compile(r"(?<![^\s@])[^\s@]*+@\S*"), "[email]"),
    (
        re.compile(
            r"(?<!\d)(?:\d\d)?\d\d[-./ ]?[01]\d[-./ ]?[0-9]\d ?[-+\u2010-\u2015\u2212]? ?[\dTRSUWXJKLMN]\d{3}(?!\d)",
            re.IGNORECASE,
        ),
        "[personnummer]",
    ),
    (re.compile(r"(?:\+|(?<!\d)00)\s?\d(?:[-\s()./]{0,3}\d){5,14}"), "[phone]"),
    (re.compile(r"(?<!\d)0(?:[-\s()/]{0,3}\d){6,11}(?!\d)"), "[phone]"),
)


def redact_text(text: str) -> str:
    """`text` without anything that looks like an e-mail address, a Swedish personal number or a phone number."""
    for pattern, mark in _PATTERNS:
        text = pattern.sub(mark, text)
    return text


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take personal data and secrets out of a log entry, whatever it is made of."""
    return {key: value if key in OWN_FIELDS else _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: object) -> object:
    if key in SECRET_NAMES or not SECRET_WORDS.isdisjoint(re.split(r"[^a-z]+", key.lower())):
        return REDACTED
    match value:
        case bool() | int() | float() | None:
            return value
        case Mapping():
            return _clean_mapping(cast("Mapping[object, object]", value))
        case list() | tuple() | set() | frozenset():
            return [_clean("", part) for part in cast("Sequence[object]", value)]
        case bytes():
            return redact_text(value.decode("utf-8", "replace"))
        case _:
            return redact_text(str(value))


def _clean_mapping(value: Mapping[object, object]) -> dict[str, object]:
    return {redact_text(str(key)): _clean(str(key), part) for key, part in value.items()}


def compact_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """An error as its class, its words if it is ours, and where it was; words of other errors may hold anything."""
    if isinstance(errors := event.get("exception"), list):
        event["exception"] = [_compact(error, _own_errors()) for error in cast("list[dict[str, object]]", errors)]
    return event


def _compact(error: Mapping[str, object], own: frozenset[str]) -> dict[str, object]:
    frames = cast("list[dict[str, object]]", error["frames"])
    compact: dict[str, object] = {
        "type": error["exc_type"],
        "words": error["exc_value"] if error["exc_type"] in own else REDACTED,
        "at": [f"{frame['filename']}:{frame['lineno']} {frame['name']}" for frame in frames],
    }
    if parts := cast("list[list[dict[str, object]]]", error.get("exceptions")):
        compact["parts"] = [_compact(part, own) for chain in parts for part in chain]
    return compact


def _own_errors(root: type[Exception] = ServicecenterError) -> frozenset[str]:
    return frozenset((root.__name__,)).union(*(_own_errors(error) for error in root.__subclasses__()))


def _exception_lines(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """For a terminal: an error as one line per frame."""
    if isinstance(errors := event.get("exception"), list):
        event["exception"] = "\n".join(
            "\n".join([*(f"  {at}" for at in cast("list[str]", error["at"])), f"{error['type']}: {error['words']}"])
            for error in cast("list[dict[str, object]]", errors)
        )
    return event


def _json_text(event: object, **_: object) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


Level = Literal["debug", "info", "warning", "error"]


def configure_logging(json: bool, stream: TextIO, level: Level = "info") -> None:
    """Send every log line, ours and the libraries', through one chain to `stream`: stderr, as stdout is for answers."""
    bind: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    write: list[Processor] = [
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        compact_exception,
        redact,
        *_renderer(json, stream),
    ]
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*bind, *write],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *_: _StreamLogger(stream),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(), *bind],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *write],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=max(threshold, logging.WARNING), force=True)
    # Requests it can't even parse are logged with their bytes, and those are somebody's.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)


class _StreamLogger(structlog.WriteLogger):
    """Writes to a stream; where it has gone (a closed terminal, a full disk), work goes on without a log."""

    def msg(self, message: str) -> None:
        """Write one line."""
        with contextlib.suppress(OSError, ValueError):
            super().msg(message)

    log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg


def _renderer(json: bool, stream: TextIO) -> list[Processor]:
    if json:
        return [structlog.processors.JSONRenderer(serializer=_json_text)]
    return [_exception_lines, structlog.dev.ConsoleRenderer(colors=stream.isatty())]
