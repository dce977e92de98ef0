"""The real service in this process, one for each module, with the module's own `CONFIG` and adapters (`OPENED`)."""

import inspect
import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import msgspec
import pytest
import pytest_asyncio

from channels.adapters import ADAPTERS, Adapters
from router.app import running
from router.config import CityConfig, Config, StoreConfig
from tests.desktop_client import DesktopClient
from tests.http.service_client import ServiceClient
from tests.journeys.ekeby import write_city

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coroutines of this folder run in the loop of their module, where the service lives."""
    for item in items:
        if HERE in item.path.parents and isinstance(item, pytest.Function):
            function = getattr(item.obj, "hypothesis", None)
            if inspect.iscoroutinefunction(function.inner_test if function else item.obj):
                item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(request: pytest.FixtureRequest) -> AsyncIterator[ServiceClient]:
    """A service with an empty store; its city is always open and keeps nobody in reserve."""
    wanted: Config = getattr(cast("object", request.module), "CONFIG", Config())
    with tempfile.TemporaryDirectory(prefix="sc-http-") as folder:
        city = write_city(Path(folder) / "city")
        config = msgspec.structs.replace(
            wanted,
            http=msgspec.structs.replace(wanted.http, port=0),
            store=StoreConfig(data_dir=str(Path(folder) / "var")),
            city=CityConfig(path=str(city)),
        )
        adapters: Adapters = getattr(cast("object", request.module), "OPENED", ADAPTERS)
        async with running(config, adapters=adapters) as run, ServiceClient(run) as client:
            yield client


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name for people and things of this test alone."""
    return re.sub(r"[^a-z0-9]+", "-", str(request.node.name).lower().removeprefix("test_"))[:40].strip("-")


@pytest_asyncio.fixture(loop_scope="module")
async def desk(service: ServiceClient, name: str) -> AsyncIterator[DesktopClient]:
    """A desktop of an agent who is at work; afterwards they have gone home with nothing in their hands."""
    async with service.desktop(name) as opened:
        await opened.command("presence.set", {"state": "available"})
        yield opened
        await service.go_home(name)
