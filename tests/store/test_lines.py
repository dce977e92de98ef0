"""When adapters run: everywhere, or on the one router that holds the lease, with the real store between two routers."""

import pytest

from channels.adapters import Adapters
from channels.site import Site
from router.errors import ConfigurationError
from router.lines import LEASE_MS, Line, Lines
from router.store.redis_store import Store
from tests.channels.probe import Probe, ProbeSettings
from tests.channels.recording_inbox import RecordingInbox


async def gone(store: Store, lease: str) -> None:
    """Wait until a lease that was given back has run out."""
    while await store.runner.read("EXISTS", store.keys.lease(lease)):
        pass


async def lines_of(store: Store, router: str, adapters: Adapters) -> Lines:
    """The lines of one router."""
    site = Site(RecordingInbox(), lambda: 0, "https://service.example.se", "Ekeby stad")
    opened = {name: Line(name, each, await each.open(site, ProbeSettings())) for name, each in adapters.items()}
    return Lines(opened, store, router)


async def test_a_line_that_leads_runs_on_one_router(store: Store) -> None:
    """The first to ask runs it; the second takes over at once when the first stops, and tells whoever wants to know."""
    first, second = Probe("calls"), Probe("calls")
    one = await lines_of(store, "r1", {"calls": first.adapter("phone", leads=True)})
    two = await lines_of(store, "r2", {"calls": second.adapter("phone", leads=True)})
    told: list[str] = []
    two.on_start = told.append
    await one.start()
    assert first.state == "stopped", "a line that leads waits for its lease"
    await one.lead()
    await two.lead()
    await one.lead()
    assert (first.state, second.state, told) == ("up", "stopped", [])
    await one.stop()
    for _ in range(100):
        await two.lead()
    assert (first.state, second.state, told) == ("stopped", "up", ["calls"])
    await two.stop()
    await gone(store, "channel:calls")


async def test_who_has_lost_the_lease_stops(store: Store) -> None:
    """A router that was away too long finds the line with another one and lets go of it."""
    probe = Probe("calls")
    lines = await lines_of(store, "r1", {"calls": probe.adapter("phone", leads=True)})
    await lines.lead()
    assert await store.take_lease("channel:calls", "r1", 1)
    while not await store.take_lease("channel:calls", "r2", LEASE_MS):
        pass
    await lines.lead()
    assert probe.state == "stopped"
    found = lines.get("calls")
    assert found is not None
    assert found.health.state == "stopped"
    await store.take_lease("channel:calls", "r2", 1)
    await gone(store, "channel:calls")


async def test_a_line_that_runs_everywhere_asks_for_no_lease(store: Store) -> None:
    """It starts with the service; one that can't be as it is configured keeps the service from starting."""
    probe = Probe("mails")
    lines = await lines_of(store, "r1", {"mails": probe.adapter("email", owes=True)})
    await lines.start()
    assert (probe.state, lines.owes("mails"), lines.owes("calls"), lines.sets_up) == ("up", True, False, False)
    await lines.stop()
    assert probe.state == "stopped"

    class Unusable(Probe):
        async def start(self) -> None:
            raise ConfigurationError("no such file", field="$.channels.mails.key")

    bad = await lines_of(store, "r1", {"mails": Unusable("mails").adapter("email")})
    with pytest.raises(ConfigurationError, match="no such file"):
        await bad.start()


async def test_an_adapter_that_does_not_stop_keeps_nobody(store: Store) -> None:
    """Whatever one adapter does when it is stopped, the others are stopped too."""

    class Stubborn(Probe):
        async def stop(self) -> None:
            raise RuntimeError("no")

    stubborn, probe = Stubborn("calls"), Probe("mails")
    adapters = {"calls": stubborn.adapter("phone"), "mails": probe.adapter("email")}
    lines = await lines_of(store, "r1", adapters)
    await lines.start()
    await lines.stop()
    assert probe.state == "stopped"
