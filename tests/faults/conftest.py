"""Services of a test's own: to be killed, starved and started again."""

import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.mailed import CONFIG, Mailed
from tests.journeys.ekeby import write_city
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Town
from tests.register.register_servers import start_valkey

QUICK = {"FLOOR__ROUTER_LEASE_S": "2", "FLOOR__SOCKET_GRACE_S": "1", "FLOOR__LEADER_LEASE_S": "1"}
"""Leases of a test's patience."""
Launch = Callable[..., ServiceProcess]
Pair = tuple[ServiceProcess, ServiceProcess]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Starts routers of this test's own; `name` is the folder of the data, `settings` are laid over quick leases."""
    started: list[ServiceProcess] = []
    city = write_city(tmp_path / "city")

    def start(name: str = "var", **settings: str) -> ServiceProcess:
        process = ServiceProcess(tmp_path / name, city, QUICK | settings)
        started.append(process)
        process.start()
        return process

    yield start
    for process in reversed(started):
        process.stop()


@pytest.fixture
def service(launch: Launch) -> ServiceProcess:
    """One router with a store of its own."""
    return launch()


@pytest.fixture
async def town(service: ServiceProcess, request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    """The people around that router."""
    name = re.sub(r"[^a-z0-9]+", "-", str(request.node.name).lower().removeprefix("test_"))[:40]
    async with Town(service, name) as people:
        yield people


@pytest.fixture
def pair(tmp_path: Path, launch: Launch) -> Iterator[Pair]:
    """Two routers on a store that neither owns, and on one register."""
    (tmp_path / "store").mkdir()
    with start_valkey(tmp_path / "store") as url:
        shared = {"STORE__REDIS_URL": url, "REGISTER__URL": f"sqlite:///{tmp_path / 'register.db'}"}
        yield launch("one", **shared), launch("two", **shared)


@pytest.fixture
def mailed(tmp_path: Path) -> Iterator[Callable[..., Mailed]]:
    """Starts a router with the e-mail channel."""
    started: list[ServiceProcess] = []

    def start(*, is_lmtp: bool = False) -> Mailed:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = int(free.getsockname()[1])
        config = tmp_path / "servicecenter.toml"
        config.write_text(CONFIG.format(port=port, is_lmtp=str(is_lmtp).lower()), encoding="utf-8")
        service = ServiceProcess(tmp_path / "var", write_city(tmp_path / "city"), config=config)
        started.append(service)
        service.start()
        return Mailed(service, port)

    yield start
    for service in started:
        service.stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes minutes runs only when it is asked for."""
    if "thousand" not in str(config.option.markexpr):
        for item in items:
            if item.get_closest_marker("thousand"):
                item.add_marker(pytest.mark.skip(reason="takes minutes: -m thousand"))
