"""What every adapter promises, whatever it talks to: the table of adapters is walked, none is left out."""

import importlib
from collections.abc import AsyncIterator
from typing import cast

import pytest

from channels.adapters import ADAPTERS, settings_of
from channels.base import (
    Channel,
    Connection,
    Health,
    Holds,
    Joins,
    Outgoing,
    Seen,
    SendsFiles,
    Transfers,
    Types,
    Waits,
)
from channels.inbound import Attachment
from channels.registry import CHANNELS
from channels.serving import Serves
from channels.site import Site
from router.errors import ConfigurationError, StoreUnavailable
from tests.channels.recording_inbox import RecordingInbox
from tests.channels.samples import SAMPLES

NOWHERE = "c00nowhere"
LEG = f"{NOWHERE}.l1"


def site_of(inbox: RecordingInbox) -> Site:
    """A site with a clock that stands still."""
    return Site(inbox, lambda: 1_780_000_000_000, "https://service.example.se", "Ekeby stad")


@pytest.fixture
def inbox() -> RecordingInbox:
    """An empty inbox."""
    return RecordingInbox()


@pytest.fixture(params=sorted(ADAPTERS))
async def channel(request: pytest.FixtureRequest, inbox: RecordingInbox) -> AsyncIterator[Channel]:
    """Each adapter in turn, started with its sample; stopped afterwards."""
    name = cast("str", request.param)
    adapter, settings = settings_of(name, SAMPLES[name])
    opened = await adapter.open(site_of(inbox), settings)
    await opened.start()
    yield opened
    await opened.stop()


def test_every_adapter_has_a_sample_and_a_known_channel() -> None:
    """The table, the samples and the registry of channels name the same things."""
    assert set(SAMPLES) == set(ADAPTERS)
    assert {adapter.code for adapter in ADAPTERS.values()} <= set(CHANNELS)


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_a_setting_nobody_knows_is_refused_by_name(name: str) -> None:
    """A slip in a section stops the start and names adapter and key."""
    with pytest.raises(ConfigurationError, match="no_such_key") as refused:
        settings_of(name, {**SAMPLES[name], "no_such_key": 1})
    assert refused.value.field.startswith(f"$.channels.{name}")


@pytest.mark.parametrize("name", sorted(ADAPTERS))
async def test_nothing_is_opened_before_the_start(name: str, inbox: RecordingInbox) -> None:
    """Building an adapter listens nowhere, and it says that it is stopped under the name of its section."""
    adapter, settings = settings_of(name, SAMPLES[name])
    built = await adapter.open(site_of(inbox), settings)
    assert built.name == name
    assert built.health().state == "stopped"
    if isinstance(built, Serves):
        assert len(built.routes()) > 0


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_the_scorecard_stands_where_the_channel_is(name: str) -> None:
    """The module that holds the channel says what it can, what it can't, and what happens when somebody dies."""
    adapter = ADAPTERS[name]
    module = importlib.import_module(adapter.settings.__module__.rpartition(".")[0] + ".channel")
    assert "scorecard" in (module.__doc__ or "").lower(), module.__name__


async def test_bad_weather_is_told_not_raised(channel: Channel) -> None:
    """With nothing outside that answers, a channel has started, says how it is, and stops."""
    assert isinstance(channel.health(), Health)


async def test_what_is_not_known_does_no_harm(channel: Channel) -> None:
    """Calls about a contact that is over, or never was, are answered: each may come late."""
    seen = Seen(NOWHERE, "queued", "source", "subject", "general")
    await channel.end(NOWHERE, "closed")
    if isinstance(channel, Waits):
        await channel.wait(seen)
    if isinstance(channel, Holds):
        await channel.hold(NOWHERE, LEG)
        await channel.resume(NOWHERE, LEG)
    if isinstance(channel, Transfers):
        await channel.transfer(NOWHERE, LEG, "+46701740699")
    if isinstance(channel, Joins):
        await channel.join(NOWHERE, f"{NOWHERE}.l2", "berit", speaks=False)
        await channel.leave(NOWHERE, f"{NOWHERE}.l2")
    if isinstance(channel, Types):
        await channel.typing(NOWHERE, is_typing=True)
    await channel.end(NOWHERE, "closed")


async def test_words_that_can_not_go_out_are_told(channel: Channel) -> None:
    """Sending with nothing that answers ends in an outcome with a reason, never in an error."""
    sent = await channel.send(Outgoing(NOWHERE, 2, "Hej!", source="source"))
    assert sent.outcome in {"sent", "failed", "later"}
    assert sent.reason or sent.outcome == "sent"


async def test_files_are_carried_within_limits_or_not_at_all(channel: Channel) -> None:
    """A channel that carries files says how many and how large; one that is gone ends the sending without an error."""
    if not isinstance(channel, SendsFiles):
        return
    limits = channel.file_limits()
    assert limits.most > 0
    assert 0 < limits.bytes_each <= limits.bytes_together
    gone = Attachment("beslut.pdf", "application/pdf", 1, blob="0" * 64)
    sent = await channel.send(Outgoing(NOWHERE, 3, "Se bilagan.", source="source", attachments=(gone,)))
    assert sent.outcome in {"sent", "failed", "later"}


async def test_a_connection_to_nobody_ends(channel: Channel, inbox: RecordingInbox) -> None:
    """Connecting a contact whose resident is gone, while the store is away, raises nothing."""
    inbox.failure = StoreUnavailable()
    connection = Connection(NOWHERE, LEG, "anna", "source", "subject")
    await channel.connect(connection)
    await channel.connect(connection)
    inbox.failure = None
