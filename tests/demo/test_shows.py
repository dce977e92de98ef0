"""The shows as people start them: a demo of seconds, a replay of a made-up file. They leave nothing behind."""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from router.config import Config, HttpConfig, StoreConfig, example_city
from router.demo.crew import Profile
from router.demo.desktop_client import DesktopClient
from router.demo.fast_city import write_fast_city
from router.demo.service import LOCK, free_port, own_service
from router.demo.stage import calling, hire
from tests.demo.test_recorded import COLUMNS_311, COLUMNS_BANK, call, request

Json = Mapping[str, object]
MOVED_ON = {"offer-gone", "stale-revision", "transition-refused", "not-found", "not-yours", "no-capacity", "forbidden"}
"""Slugs of what came too late, as it happens between people; anything else would be a defect."""
MONDAY_MS = 1_760_335_200_000
"""Monday 13 October 2025, 08:00 in Stockholm."""


def environment(data_dir: Path) -> dict[str, str]:
    """Settings of a show of our own."""
    return os.environ | {"SERVICECENTER_STORE__DATA_DIR": str(data_dir), "SERVICECENTER_HTTP__PORT": "0"}


def run(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    command = [sys.executable, "-m", "router", *arguments, "--log-level", "warning"]
    return subprocess.run(
        command, env=environment(data_dir), capture_output=True, text=True, timeout=60, check=False, encoding="utf-8"
    )


def counts(document: Json, key: str) -> dict[str, int]:
    """A part of a summary that counts things by name."""
    return cast("dict[str, int]", document[key])


def part(document: Json, key: str) -> Json:
    """A part of a summary."""
    return cast("Json", document[key])


def number(document: Json, key: str) -> int:
    """A figure of a summary."""
    return cast("int", document[key])


def test_a_short_demo_tells_consistent_figures(tmp_path: Path) -> None:
    """Six seconds of the city: contacts come in, are offered, met and handed over, and the figures fit each other."""
    ended = run(tmp_path, "demo", "--seconds", "6", "--rate", "6", "--agents", "16", "--json")
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    found: Json = json.loads(ended.stdout)
    offers = counts(found, "offers")
    assert number(found, "accepted") == sum(counts(found, "by_channel").values()) > 10
    assert number(found, "accepted") <= number(found, "posted")
    assert offers["issued"] >= offers["accepted"] == number(found, "answered") > 0
    assert number(found, "handed_over") == sum(counts(found, "handovers").values()) > 0
    contacts = part(part(found, "goal"), "contacts")
    assert 0 < number(contacts, "received") <= number(found, "posted")
    assert number(contacts, "observed") <= number(found, "posted") - number(contacts, "received")
    assert {name.split()[1] for name in counts(found, "refused")} <= MOVED_ON
    assert number(found, "service_errors") == 0
    first_offer = part(found, "first_offer_ms")
    assert number(first_offer, "p50") <= number(first_offer, "p99")
    assert list(tmp_path.iterdir()) == []


def test_a_demo_ends_in_order_on_a_signal(tmp_path: Path) -> None:
    """Ctrl-C ends the demo with its summary, no traceback, no process and no file left; piped, it tells plain lines."""
    command = [sys.executable, "-m", "router", "demo", "--log-level", "warning"]
    show = subprocess.Popen(
        command, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert show.stdout is not None
    lines: list[str] = []
    for line in show.stdout:
        lines.append(line)
        if line.startswith("Friday"):
            break
    show.send_signal(signal.SIGINT)
    out, err = show.communicate(timeout=30)
    assert show.returncode == 0
    assert "Traceback" not in err
    assert "contacts" in out
    assert [line.split("=")[0] for line in lines[:3]] == ["U", "S", "I"]
    assert list(tmp_path.iterdir()) == []
    assert not processes_in(tmp_path)


def processes_in(data_dir: Path) -> list[str]:
    """Processes of this machine whose command line names the directory."""
    found = [
        path.read_bytes().decode(errors="replace") for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()
    ]
    return [line for line in found if str(data_dir) in line]


@pytest.mark.parametrize("flag", ["--rate=-1", "--speed=0", "--agents=-2"])
def test_impossible_wishes_are_refused(tmp_path: Path, flag: str) -> None:
    """A wish that can't be met is refused before anything is started, and names the argument."""
    ended = run(tmp_path, "demo", flag)
    assert ended.returncode == 2
    assert flag.partition("=")[0] in ended.stderr


def test_a_file_of_requests_is_replayed(tmp_path: Path) -> None:
    """Two hundred made-up requests go through intake: each is accepted, observed or named, and the report adds up."""
    titles = ("Pothole", "Street light out", "Graffiti", "Something else")
    sources = ("Constituent Call", "Citizens Connect App", "Self Service", "Employee Generated")
    rows = [request(str(i), title=titles[i % 4], source=sources[i // 4 % 4]) for i in range(197)]
    rows += ["broken", request("x", opened="yesterday"), request("5")]
    path = tmp_path / "made-up.csv"
    path.write_text("\n".join((COLUMNS_311, *rows)), encoding="utf-8")
    ended = run(tmp_path / "data", "replay", str(path), "--fast", "--agents", "6", "--json")
    assert ended.returncode == 1, ended.stderr
    found: Json = json.loads(ended.stdout)
    assert number(found, "rows") == 200
    assert number(found, "bad") == 2
    assert [row["line"] for row in cast("list[Json]", found["bad_rows"])] == [199, 200]
    assert counts(found, "refused") == {"event-conflict": 1}
    assert number(found, "accepted") + number(found, "observed") == 197
    decisions, goal = part(found, "decisions"), part(found, "goal")
    assert number(decisions, "total") == number(found, "accepted") == sum(counts(decisions, "by_kind").values())
    assert sum(counts(decisions, "by_rule").values()) == number(decisions, "total")
    assert counts(decisions, "topics")["GAT.HÅL"] > 0
    assert number(found, "waiting") == 0
    assert number(part(goal, "contacts"), "received") == number(found, "accepted")
    assert "Nowhere" not in ended.stdout + ended.stderr
    assert list((tmp_path / "data").iterdir()) == []


def test_calls_are_replayed_with_their_patience(tmp_path: Path) -> None:
    """Recorded calls are met by agents, and who hung up leaves; phantoms are left out."""
    rows = [
        call("HANG" if i % 4 == 0 else "AGENT", day=f"99010{i % 9 + 1}").replace("AA0101", f"AA{i:04}")
        for i in range(40)
    ]
    path = tmp_path / "made-up.tsv"
    path.write_text("\n".join((COLUMNS_BANK, *rows, call("PHANTOM"))), encoding="utf-8")
    ended = run(tmp_path / "data", "replay", str(path), "--rate", "200", "--agents", "4", "--json")
    assert ended.returncode == 0, ended.stderr
    found: Json = json.loads(ended.stdout)
    assert (number(found, "accepted"), number(found, "left_out")) == (40, 1)
    assert number(found, "met") + number(found, "left") == 40
    assert number(found, "waiting") == 0


def test_an_unknown_file_starts_nothing(tmp_path: Path) -> None:
    """A file of another kind is refused before a service is started."""
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    ended = run(tmp_path / "data", "replay", str(path))
    assert ended.returncode == 2
    assert "FILE" in ended.stderr
    assert not (tmp_path / "data").exists()


async def test_a_lost_desktop_goes_on_where_it_was(tmp_path: Path) -> None:
    """A connection that is lost comes back by itself, resumes its session and takes commands again."""
    left = tmp_path / "show-left"
    left.mkdir()
    (left / LOCK).touch()
    config = Config(http=HttpConfig(port=0), store=StoreConfig(data_dir=str(tmp_path)))
    heard: list[str] = []
    make_city = partial(_city, MONDAY_MS)
    async with own_service(config, make_city, port=0) as service, calling(service) as api:
        assert not left.exists()
        profile = Profile("agent-001", "Aino A.", "servicecenter", {"gata": 3}, {"phone": 1}, "both")
        await hire(api, service.token("supervisor", "test"), [profile])
        token = service.token("agent", "aino", agent=profile.agent_id)
        client = DesktopClient(api, token, lambda kind, _: heard.append(kind), random.Random(1))  # noqa: S311 # a test's dice
        running = asyncio.create_task(client.run())
        async with asyncio.timeout(20):
            await client.connected.wait()
            await client.command("presence.set", state="available")
            await client.drop()
            while not client.resumes:
                await client.connected.wait()
                await client.command("queue.list") if client.resumes else await asyncio.wait([running], timeout=0.05)
            await client.command("presence.set", state="away", reason="break")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert heard[0] == "ready"
    assert heard.count("ready") == 1
    assert "resumed" in heard
    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))


def _city(now_ms: int, target: Path) -> None:
    write_fast_city(example_city(), target, 60, now_ms)


def test_a_port_in_use_is_left_alone() -> None:
    """A free port is taken as wished, one in use is not."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        used: int = server.getsockname()[1]
        assert free_port("127.0.0.1", used) == 0
    assert free_port("127.0.0.1", used) == used
