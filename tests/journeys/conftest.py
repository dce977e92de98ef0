"""One real service for all journeys of a worker; each test has people of its own in it."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.journeys.ekeby import write_city
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Town


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """The service, always open."""
    folder = tmp_path_factory.mktemp("journeys")
    running = ServiceProcess(folder / "var", write_city(folder / "city"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def town(service: ServiceProcess, request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    """People who go home afterwards: no agent at work and no contact open is left to the next test."""
    name = re.sub(r"[^a-z0-9]+", "-", str(request.node.name).lower().removeprefix("test_"))[:40]
    async with Town(service, name) as people:
        yield people
        await people.go_home()
