"""One real service for all journeys of a worker; each test has people of its own in it."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.journeys.ekeby import write_city
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Town


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """The service, always open; what the register knows is waited for, however busy the machine is."""
    folder = tmp_path_factory.mktemp("journeys")
    patient = folder / "servicecenter.toml"
    patient.write_text("[floor]\nfacts_timeout_s = 5.0\n", encoding="utf-8")
    running = ServiceProcess(folder / "var", write_city(folder / "city"), config=patient)
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
