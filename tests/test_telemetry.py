"""Telemetry: nobody can be found in logs or metrics, and shared figures are told once."""

import io
import logging
import re
from collections.abc import Iterator

import msgspec
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Metric, generate_latest

from router.errors import NotFound
from router.telemetry import SHARED, Metrics, configure_logging, redact, redact_text

LABELS = {
    *("channel", "result", "kind", "tier", "event", "queue", "medium", "code", "command", "invariant", "period"),
    *(
        "presence",
        "form",
        "state",
        "measure",
        "version",
        "python",
        "hash",
        "reach",
        "rule",
        "adapter",
        "outcome",
        "verdict",
    ),
}
"""Every label that a metric may carry: codes from the city's files and from the code, few and without persons."""

number = st.integers(605, 699).map(lambda last: f"70174{last:04}")
phone = st.builds(
    str.format,
    st.sampled_from(["+46{0}", "0046{0}", "0{0}", "+46 (0){0}"]),
    number.flatmap(
        lambda digits: st.sampled_from(
            [digits, f"{digits[:2]}-{digits[2:]}", f"{digits[:2]}-{digits[2:5]} {digits[5:7]} {digits[7:]}"]
        )
    ),
)
email = st.builds("{}@example.se".format, st.from_regex(r"[a-zåäö][a-zåäö0-9._+-]{0,30}", fullmatch=True))
personnummer = st.builds(
    "{}{:02}{:02}{:02}{}{:04}".format,
    st.sampled_from(["", "18", "19", "20"]),
    st.integers(0, 99),
    st.integers(1, 12),
    st.integers(1, 28) | st.integers(61, 88),
    st.sampled_from(["", "-", "+"]),
    st.integers(0, 9999),
)
around = st.sampled_from(["", " ", ":", "'", '"', "(", ")", "<", ">", ",", "=", "/", "tel", "å", "\n"])


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Give back the log set-up that the test replaced."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


def written(stream: io.StringIO) -> list[dict[str, object]]:
    """The log entries on a stream."""
    return [msgspec.json.decode(line, type=dict[str, object]) for line in stream.getvalue().splitlines()]


@given(st.lists(phone | email | personnummer, min_size=1, max_size=4), around, around)
def test_no_seeded_person_is_ever_written(seeds: list[str], before: str, after: str) -> None:
    """Phone numbers, addresses and personal numbers vanish from keys, values, lists and nested entries alike."""
    text = "".join(f"{before}{seed}{after} och " for seed in seeds)
    event = {"event": text, "detail": [text, {text: text}], "error": ValueError(text), "raw": text.encode()}
    line = str(redact(None, "info", event))
    assert not [seed for seed in seeds if seed in line]
    assert not re.search(r"example\.se|174 ?06|\d{6}[-+]?\d{4}", line)


@pytest.mark.parametrize(
    "text",
    [
        "contact_received",
        "2026-11-22T02:31:59Z",
        "1764000000000-0",
        "router/store/embedded.py:128 start",
        "POST /v1/events 202 0.0123",
        "queue vatten 17 waiting",
    ],
)
def test_ordinary_words_and_figures_stay(text: str) -> None:
    """What an operator needs is not taken for a person: times, stream ids, places in code, durations."""
    assert redact_text(text) == text


@pytest.mark.parametrize(
    "key", ["phone", "reply_email", "Authorization", "ws-token", "pii_note", "name", "text", "lat"]
)
def test_secret_fields_are_never_written(key: str) -> None:
    """A field that is meant for personal data or secrets is left out, whatever it holds."""
    assert redact(None, "info", {key: "x", "deep": {key: 1}}) == {key: "[redacted]", "deep": {key: "[redacted]"}}


def test_lines_carry_time_level_and_bound_fields() -> None:
    """A log line is one JSON document with UTC time, level, event, and what the context has bound."""
    stream = io.StringIO()
    configure_logging(json=True, stream=stream)
    with structlog.contextvars.bound_contextvars(contact="c1"):
        structlog.get_logger().info("contact_received", queue="vatten")
    structlog.get_logger().debug("unseen")
    (entry,) = written(stream)
    assert str(entry.pop("timestamp")).endswith("Z")
    assert entry == {"event": "contact_received", "level": "info", "contact": "c1", "queue": "vatten"}


def fail(secret: str) -> None:
    """Fail with a person's name in a local variable and in the words of a foreign error."""
    raise NotFound("no such contact") from ValueError(secret)


@pytest.mark.parametrize("json", [True, False])
def test_errors_are_written_without_their_surroundings(json: bool) -> None:
    """An error keeps its class, its place and our own words, and loses local variables and others' words."""
    stream = io.StringIO()
    configure_logging(json=json, stream=stream)
    try:
        fail("Astrid Exempelsson")
    except NotFound:
        structlog.get_logger().exception("request_failed")
        logging.getLogger("alembic.runtime").exception("failed for %s", "astrid@example.se")
    text = stream.getvalue()
    assert "Astrid" not in text
    assert "astrid" not in text
    assert text.count("no such contact") == 2
    assert text.count("test_telemetry.py:") == 4


def test_grouped_errors_keep_their_parts() -> None:
    """Errors that were raised together are all written, cleaned like any other."""
    stream = io.StringIO()
    configure_logging(json=True, stream=stream)
    error = ExceptionGroup("Astrid", [ValueError("Astrid"), NotFound("no such contact")])
    structlog.get_logger().error("tasks_failed", exc_info=error)
    assert "Astrid" not in stream.getvalue()
    (outer,) = msgspec.convert(written(stream)[0]["exception"], list[dict[str, object]])
    parts = msgspec.convert(outer["parts"], list[dict[str, object]])
    assert [part["words"] for part in parts] == ["[redacted]", "not-found: no such contact"]


def families(registry: CollectorRegistry) -> dict[str, Metric]:
    """Our metric families by name."""
    return {family.name: family for family in registry.collect() if family.name.startswith("servicecenter_")}


def label_names(metrics: Metrics) -> set[str]:
    """Every label of every metric of the class, with and without values."""
    own = {label for metric in vars(metrics).values() for label in getattr(metric, "_labelnames", ())}
    return own | {label for gauge in SHARED.values() for label in gauge.labels}


def test_no_label_can_name_a_person() -> None:
    """The labels in use are exactly the known ones: no agent, contact, number, address or text among them."""
    registry = CollectorRegistry()
    metrics = Metrics(registry, is_leader=lambda: True)
    build = {"version", "python"}
    assert label_names(metrics) | build == LABELS
    assert all(family.documentation for family in families(registry).values())


def test_shared_gauges_are_told_by_the_leader_alone() -> None:
    """A router that does not lead exports no shared figure, and forgets the old ones before it leads again."""
    leads = True
    registry = CollectorRegistry()
    metrics = Metrics(registry, is_leader=lambda: leads)
    metrics.shared.update({"queue_waiting": {("vatten", "voice"): 3.0}, "journal_position": {(): 7.0}})
    assert registry.get_sample_value("servicecenter_queue_waiting", {"queue": "vatten", "medium": "voice"}) == 3.0
    assert registry.get_sample_value("servicecenter_journal_position") == 7.0
    leads = False
    assert not set(families(registry)) & {f"servicecenter_{name}" for name in SHARED}
    leads = True
    assert registry.get_sample_value("servicecenter_journal_position") is None


def test_a_queue_that_is_gone_leaves_no_figure() -> None:
    """An update replaces all label values of the gauges it names and keeps the others."""
    registry = CollectorRegistry()
    metrics = Metrics(registry, is_leader=lambda: True)
    metrics.shared.update({"queue_waiting": {("vatten", "voice"): 3.0}, "journal_position": {(): 7.0}})
    metrics.shared.update({"queue_waiting": {("bygg", "voice"): 1.0}})
    text = generate_latest(registry).decode()
    assert "vatten" not in text
    assert registry.get_sample_value("servicecenter_journal_position") == 7.0


@pytest.mark.parametrize("snapshot", [{"made_up": {(): 1.0}}, {"agents": {("available",): 1.0}}])
def test_a_shared_gauge_must_be_known(snapshot: dict[str, dict[tuple[str, ...], float]]) -> None:
    """A figure under an unknown name or with the wrong labels is refused, not exported."""
    with pytest.raises(ValueError, match=next(iter(snapshot))):
        Metrics(CollectorRegistry()).shared.update(snapshot)


def test_two_sets_of_metrics_need_two_registries() -> None:
    """The same name can't be registered twice, shared gauges included."""
    registry = CollectorRegistry()
    Metrics(registry)
    with pytest.raises(ValueError, match="Duplicated"):
        Metrics(registry)


def test_work_goes_on_without_a_log() -> None:
    """Where the log's stream has gone, whoever logs is not stopped."""
    stream = io.StringIO()
    configure_logging(json=True, stream=stream)
    stream.close()
    structlog.get_logger().info("unheard")
    logging.getLogger("alembic.runtime").error("unheard")
