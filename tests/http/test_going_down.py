"""A router that goes down says goodbye to every desktop and keeps what was promised."""

import tempfile
from pathlib import Path

from router.app import running
from router.config import CityConfig, Config, HttpConfig, StoreConfig
from router.http import frames
from tests.desktop_client import DesktopClient
from tests.http.service_client import ServiceClient
from tests.journeys.ekeby import write_city


async def test_bye_and_back_again() -> None:
    """`bye` comes before 1012; on the next start the contact is still in the agent's hands, under a fresh session."""
    with tempfile.TemporaryDirectory(prefix="sc-down-") as folder:
        city = CityConfig(path=str(write_city(Path(folder) / "city")))
        config = Config(http=HttpConfig(port=0), store=StoreConfig(data_dir=str(Path(folder) / "var")), city=city)
        async with running(config) as run, ServiceClient(run) as service:
            token = service.token("agent", "anna", agent="anna")
            desk = await DesktopClient.connect(run.url, token)
            await desk.command("presence.set", {"state": "available"})
            contact = await service.in_hand(desk)
        assert await desk.closed() == frames.CLOSE_RESTART
        assert desk.other[-1] == {"t": "bye", "why": "drain", "after_ms": 1000}
        async with running(config) as run:
            desk.url = run.url
            await desk.resume()
            assert desk.other[-1] == {"t": "reset", "why": "expired"}
            work: list[dict[str, object]] = desk.snapshot["work"]  # pyright: ignore[reportAssignmentType] # JSON
            assert [card["contact_id"] for card in work] == [contact]
            await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
            await desk.close()
