"""The web's channels in a running service: FixMyStreet, an app, the report page, all the way to the unit and back."""

import itertools
import tomllib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest_asyncio

from router.clock import SystemClock
from router.config import Config, FloorConfig
from tests.channels.open311.fixmystreet import FixMyStreet, Problem, Tree
from tests.channels.reports.reader import Page, Resident
from tests.channels.served import JPEG
from tests.desktop_client import DesktopClient
from tests.http.service_client import Json, ServiceClient
from tests.journeys.waiting import eventually

ROOT = Path(__file__).parents[2]
KEY = "a-key-of-sixteen-letters"
APP = tomllib.loads((ROOT / "deploy/example-channels/app.toml").read_text(encoding="utf-8"))["channels"]["posted"]
BEARER = {"Authorization": f"Bearer {APP['forms']['app']['key']}"}
CONFIG = Config(
    floor=FloorConfig(facts_timeout_s=5.0),  # what is known nearby must not be late on a busy machine
    channels={
        "open311": {"keys": {"fixamingata": KEY}},
        "posted": APP,
        "reports": {"topics": ["GAT.HÅL", "GAT.BEL", "VAT.LÄC", "KUF.BIB"], "at_least_s": 0.0, "burst": 50},
    },
)
_spots = itertools.count()


class Spot:
    """A place of its own for each test, in the city's centre."""

    def __init__(self) -> None:
        self.lat = f"{59.29313 + 0.001 * next(_spots):.5f}"
        self.lon = "18.00123"


@pytest_asyncio.fixture(loop_scope="module")
async def resident(service: ServiceClient) -> AsyncIterator[Resident]:
    """Somebody with a browser."""
    async with aiohttp.ClientSession() as http:
        yield Resident(service.url, http)


async def reported(resident: Resident, spot: Spot, **changes: str) -> tuple[Page, Page]:
    """A hole reported on the page: what was shown before it was sent, and after."""
    filled = {"topic": "GAT.HÅL", "text": "Hål i cykelbanan", "position": f"{spot.lat}, {spot.lon}"}
    check = await resident.press(await resident.open(), "check", filled | changes)
    return check, await resident.press(check, "send")


async def post_app(service: ServiceClient, spot: Spot, name: str, form: str = "app", **changes: object) -> str:
    """The app posts: the contact's id."""
    body: Json = {"id": name, "category": "pothole", "message": "Hål i cykelbanan"}
    body["position"] = {"latitude": float(spot.lat), "longitude": float(spot.lon)}
    url = f"{service.url}/v1/forms/{form}"
    async with aiohttp.ClientSession() as http, http.post(url, json=body | changes, headers=BEARER) as got:
        assert got.status == 202, await got.text()
        return str((await got.json())["id"])


def contact_of(page: Page) -> str:
    """The contact that a report's page is about."""
    return page.url.partition("/report/")[2].partition("?")[0]


async def handover_of(service: ServiceClient, contact: str) -> Json:
    """The contact's handover, once the register has it."""

    async def offered() -> Json | None:
        found = (await service.get(f"/v1/contacts/{contact}")).body
        return found if found.get("handovers") else None

    handover: Json = (await eventually(offered))["handovers"][-1]
    return handover


async def unit_does(service: ServiceClient, contact: str, step: str, **body: object) -> None:
    """The unit accepts, or is done."""
    handover = await handover_of(service, contact)
    token = service.token("department", unit=handover["unit"])
    answer = await service.call("POST", f"/v1/handovers/{handover['id']}/{step}", token=token, body=dict(body))
    assert answer.status == 200, answer


async def latest(street: FixMyStreet, request: str, state: str) -> Tree:
    """The update by which FixMyStreet learns of a state."""

    async def probe() -> Tree | None:
        now = datetime.fromtimestamp(SystemClock().now_ms() / 1000, UTC) + timedelta(minutes=5)
        found = await street.fetch_updates(now - timedelta(hours=2), now)
        mine = [each for each in found if each["service_request_id"] == request]
        return mine[0] if mine and mine[0]["state"] == state else None

    return await eventually(probe)


async def test_a_fixmystreet_report_comes_back_as_fixed(service: ServiceClient) -> None:
    """Posted with its own client it goes straight to the street's unit; accept and done are read as its states."""
    street, spot = FixMyStreet(service.url, KEY), Spot()
    codes = {str(each["service_code"]) for each in await street.services()}
    assert {"GAT.HAL", "GAT.BEL"} <= codes
    problem = Problem(latitude=spot.lat, longitude=spot.lon)
    request = await street.send("GAT.HAL", problem, (), [("1.jpeg", "image/jpeg", JPEG)])
    assert await street.send("GAT.HAL", problem, (), [("1.jpeg", "image/jpeg", JPEG)]) == request
    shown = await service.state(request, "handed_over")
    assert (shown["topic"], shown["channel"]) == ("GAT.HÅL", "web")
    await unit_does(service, request, "accept")
    told = await latest(street, request, "in progress")
    assert "arbetar med ärendet" in str(told["description"])
    assert await street.comment(request, 1, "Hålet är större nu")
    await unit_does(service, request, "done", status="lagat")
    await latest(street, request, "fixed - council")
    (one,) = await street.requests([request])
    assert (one["status"], one["lat"], one["service_code"]) == ("closed", spot.lat, "GAT.HAL")
    again = await street.comment(request, 2, "Det är trasigt igen", "REOPEN")
    assert again


async def test_the_second_report_follows_the_first(service: ServiceClient, resident: Resident) -> None:
    """On the page it is told before it is sent, and afterwards it says that the fault is known: one work order."""
    spot = Spot()
    _, first = await reported(resident, spot)
    await service.state(contact_of(first), "handed_over")
    assert "Lämnad till ansvarig enhet" in (await resident.open(first.url.removeprefix(service.url))).text
    check, second = await reported(resident, spot, text="Stort hål här")
    assert "En anmälan om samma sak är öppen inom 50 meter" in check.text
    await service.state(contact_of(second), "answered")
    assert "Känt sedan tidigare" in (await resident.open(second.url.removeprefix(service.url))).text
    elsewhere, _ = await reported(resident, Spot())
    assert "samma sak" not in elsewhere.text


async def test_a_disturbance_tells_instead_of_creating_work(service: ServiceClient, resident: Resident) -> None:
    """What a supervisor declares stands on the page before anything is sent; sent, it is answered, no unit is asked."""
    spot = Spot()
    area = {"lat": float(spot.lat), "lon": float(spot.lon), "radius_m": 40}
    said = {"id": "vatten", "topics": ["VAT.*"], "area": area, "message_sv": "Vattnet är avstängt till kl. 15."}
    declared = said | {"until": "2036-11-23T18:00:00+01:00", "reason": "VA-jouren har ringt"}
    assert (await service.call("POST", "/v1/disturbances", role="supervisor", body=declared)).status == 201

    async def told() -> Page | None:
        check, sent = await reported(resident, spot, topic="VAT.LÄC", text="Inget vatten")
        return sent if "Vattnet är avstängt till kl. 15." in check.text else None

    sent = await eventually(told)
    shown = await service.state(contact_of(sent), "answered")
    assert shown["handovers"] == []
    assert "Vattnet är avstängt till kl. 15." in (await resident.open(sent.url.removeprefix(service.url))).text
    street = FixMyStreet(service.url, KEY)
    problem = Problem(latitude=spot.lat, longitude=spot.lon, title="Inget vatten")
    assert (await service.state(await street.send("VAT.LAC", problem), "answered"))["topic"] == "VAT.LÄC"
    assert (await service.call("DELETE", "/v1/disturbances/vatten", role="supervisor")).status == 200


async def test_an_agent_answers_on_the_page(service: ServiceClient, desk: DesktopClient, resident: Resident) -> None:
    """What is no fault reaches an agent; the answer stands on the page, and what is written there reaches the agent."""
    check, sent = await reported(
        resident, Spot(), topic="KUF.BIB", text="När öppnar biblioteket?", email="kim@example.se"
    )
    assert "samma sak" not in check.text
    contact = contact_of(sent)
    offer = await desk.wait_event("offer.issued", lambda offer: offer["contact_id"] == contact)
    await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    await desk.command("message.send", {"contact_id": contact, "text": "Klockan tio."})
    path = sent.url.removeprefix(service.url)

    async def answered() -> Page | None:
        page = await resident.open(path)
        return page if "Klockan tio." in page.text else None

    page = await eventually(answered)
    assert "Vi tittar på ärendet" in page.text
    await resident.press(page, "more", {"more": "Tack, då vet jag."})
    await desk.wait_event("message.recorded", lambda told: told["contact_id"] == contact)
    await desk.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})

    async def closed() -> Page | None:
        page = await resident.open(path)
        return page if "Läge Klar" in page.text else None

    await eventually(closed)


async def test_the_app_is_a_channel_without_code(service: ServiceClient) -> None:
    """The example's configuration alone: a contact of the channel `app`, routed by its place, its state told back."""
    spot = Spot()
    contact = await post_app(service, spot, "app-1")
    assert await post_app(service, spot, "app-1") == contact
    shown = await service.state(contact, "handed_over")
    assert (shown["channel"], shown["topic"]) == ("app", "GAT.HÅL")
    await unit_does(service, contact, "accept")
    url = f"{service.url}/v1/forms/app/contacts/{contact}"

    async def told() -> Json | None:
        async with aiohttp.ClientSession() as http, http.get(url, headers=BEARER) as got:
            found: Json = await got.json()
            return found if found.get("status") == "in_progress" else None

    found = await eventually(told)
    assert (found["is_over"], found["unit"] != "") == (False, True)
    assert await post_app(service, spot, "m-1", "app-message", contact=contact, message="Större nu") == contact


async def test_the_same_words_are_decided_the_same(service: ServiceClient, resident: Resident) -> None:
    """Whatever door a report comes by: the same topic, the same unit, the same rules."""
    street = FixMyStreet(service.url, KEY)
    spots = [Spot() for _ in range(4)]
    people = [{"email": f"kim{i}@example.se", "phone": f"+467017406{i + 20}"} for i in range(4)]
    problem = Problem(title="Hål i cykelbanan", latitude=spots[0].lat, longitude=spots[0].lon)
    contacts = [
        await street.send("GAT.HAL", problem._replace(email=people[0]["email"], phone=people[0]["phone"])),
        await post_app(service, spots[1], "app-same", user=people[1]),
        contact_of((await reported(resident, spots[2], **people[2]))[1]),
        await service.receive(
            "web",
            topic="GAT.HÅL",
            text="Hål i cykelbanan",
            person=people[3],
            location={"lat": float(spots[3].lat), "lon": float(spots[3].lon)},
        ),
    ]
    seen: list[str] = []
    for contact in contacts:
        await service.state(contact, "handed_over")
        decision = (await service.get(f"/v1/contacts/{contact}/decision")).body["decisions"][0]["decision"]["decision"]
        unit = (await handover_of(service, contact))["unit"]
        seen.append(f"{unit} {decision['kind']} {decision['reason']} {decision['trace']['hits']}")
    assert set(seen) == {seen[0]}
