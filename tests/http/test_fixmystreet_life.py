"""A FixMyStreet and a running service over whole reports' lives, on a bad network: what FixMyStreet's admin sees."""

import itertools
from datetime import timedelta

import msgspec

from channels.inbound import Attachment
from router.config import Config
from tests.channels.open311.fixmystreet import Problem
from tests.channels.open311.fixmystreet_body import Body, Line, Report, now
from tests.channels.served import JPEG
from tests.http.service_client import Json, ServiceClient
from tests.journeys.waiting import eventually

KEY = "a-key-of-sixteen-letters"
CONFIG = msgspec.convert(
    {"floor": {"facts_timeout_s": 5.0}, "channels": {"open311": {"keys": {"fixamingata": KEY}}}}, Config
)
TWO = [("17.0.full.jpeg", "image/jpeg", JPEG), ("17.1.full.jpeg", "image/jpeg", JPEG + b"2")]
_spots = itertools.count()
_markers: set[str] = set()


def body_of(service: ServiceClient) -> Body:
    """A body that is set up for the service."""
    return Body(Line(service.url, KEY))


def problem(**changes: str) -> Problem:
    """A report at a place of its own."""
    return Problem(latitude=f"{59.29313 + 0.001 * next(_spots):.5f}", longitude="18.00123")._replace(**changes)


async def unit_does(service: ServiceClient, contact: str, step: str, **body: object) -> None:
    """The unit that has it accepts, gives it back, or is done."""

    async def offered() -> Json | None:
        found = (await service.get(f"/v1/contacts/{contact}")).body
        return found if found.get("handovers") else None

    handover = (await eventually(offered))["handovers"][-1]
    token = service.token("department", unit=handover["unit"])
    path = f"/v1/handovers/{handover['id']}/{step}"
    assert (await service.call("POST", path, token=token, body=dict(body))).status == 200


async def seen(body: Body, report: Report, state: str) -> None:
    """Cron runs until the report's page shows this state."""

    async def is_shown() -> bool:
        await body.fetch_comments()
        return report.state == state

    assert await eventually(is_shown), (report.state, report.shown)


async def words_of(service: ServiceClient, contact: str) -> list[Json]:
    """Everything that the contact holds, in order."""
    kept = await service.run.store.content(contact)
    return [msgspec.json.decode(kept[number]) for number in sorted(kept)]


async def listed(body: Body) -> set[str]:
    """All requests of the key, once one that is made now is listed, too: whatever came before stands there by then."""
    marker = await body.line.send("GAT.BEL", problem(url=f"https://fixa.example.se/report/m{next(_spots)}"))

    async def probe() -> set[str]:
        found = await body.line.listed(now() - timedelta(hours=1), now() + timedelta(minutes=5))
        return found if marker in found else set()

    _markers.add(marker)
    return await eventually(probe) - _markers


async def test_a_report_lives_from_sent_to_fixed(service: ServiceClient) -> None:
    """On a network that loses answers it is one request; its page shows each state once, and the last one stays."""
    body = body_of(service)
    before = await listed(body)
    report = body.report("GAT.HAL", problem(), uploads=TWO)
    body.line.loses = 3
    for _ in range(4):
        await body.send_reports()
    assert (report.failures, report.external_id != "") == (["timeout"] * 3, True)
    assert await listed(body) - before == {report.external_id}
    await seen(body, report, "investigating")
    await unit_does(service, report.external_id, "accept")
    await seen(body, report, "in progress")
    await unit_does(service, report.external_id, "done")
    await seen(body, report, "fixed - council")
    shown = list(report.comments)
    await body.fetch_comments()
    assert report.comments == shown
    assert report.shown[-3:] == ["investigating", "in progress", "fixed - council"]
    assert len(set(report.shown)) == len(report.shown)
    assert all(each.text for each in report.comments)


async def test_comments_with_photos_arrive_once_and_in_order(service: ServiceClient) -> None:
    """What residents write on its page is more of the contact, photos by reference, however often it is sent."""
    body = body_of(service)
    report = body.report("GAT.HAL", problem())
    await body.send_reports()
    await service.state(report.external_id, "handed_over")
    photo = "https://fixa.example.se/photo/17.0.full.jpeg"
    body.comment(report, "Det är större nu.", photo)
    body.comment(report, "Någon har ställt ut en kon.")
    body.line.loses = 2
    for _ in range(4):
        await body.send_comments()
    assert all(each.is_sent for each in report.comments if not each.state)
    messages = [each["message"] for each in await words_of(service, report.external_id) if "message" in each]
    assert [each["text"].split("\n")[0] for each in messages] == ["Det är större nu.", "Någon har ställt ut en kon."]
    assert msgspec.convert(messages[0]["attachments"], list[Attachment]) == [Attachment(url=photo)]


async def test_a_comment_sent_again_after_the_end_is_no_second_report(service: ServiceClient) -> None:
    """Its answer lost, the report done and gone meanwhile: sent again it is nothing new; a later one is one report."""
    body = body_of(service)
    report = body.report("GAT.HAL", problem())
    await body.send_reports()
    await service.state(report.external_id, "handed_over")
    body.comment(report, "Tack för att ni tittar på det!")
    body.line.loses = 1
    await body.send_comments()
    await unit_does(service, report.external_id, "accept")
    await unit_does(service, report.external_id, "done")

    async def is_gone() -> bool:
        return await service.run.store.contact(report.external_id) is None

    assert await eventually(is_gone, 30)
    before = await listed(body)
    await body.send_comments()
    assert report.comments[0].is_sent
    assert await listed(body) == before
    late = body.comment(report, "Nu är det hål igen.")
    body.line.loses = 1
    for _ in range(2):
        await body.send_comments()
    assert late.is_sent
    assert len(await listed(body) - before) == 1


async def test_a_neighbours_report_is_told_with_the_first(service: ServiceClient) -> None:
    """The same fault reported twice is one piece of work: both pages end as fixed."""
    body = body_of(service)
    here = problem()
    first = body.report("GAT.HAL", here)
    await body.send_reports()
    await service.state(first.external_id, "handed_over")
    second = body.report("GAT.HAL", here._replace(name="Bo Exempel", email="bo@example.se", url="https://x.example/2"))
    await body.send_reports()
    assert first.external_id != second.external_id
    assert (await service.state(second.external_id, "answered"))["handovers"] == []
    await seen(body, second, "confirmed")
    await unit_does(service, first.external_id, "accept")
    await unit_does(service, first.external_id, "done")
    await seen(body, first, "fixed - council")
    await seen(body, second, "fixed - council")


async def test_what_is_wrong_is_in_the_admins_list(service: ServiceClient) -> None:
    """A wrong key, a category that is gone, a place off the map: each failure names its parameter; mended, it goes."""
    body = body_of(service)
    body.line.api_key = "not-the-key-at-all-no"
    report = body.report("GAT.HAL", problem())
    await body.send_reports()
    body.line.api_key, report.category = KEY, "GONE"
    await body.send_reports()
    report.category, report.problem = "GAT.HAL", report.problem._replace(latitude="159.3")
    await body.send_reports()
    assert [each.split(" ", 2)[:2] for each in report.failures] == [
        ["403:", "api_key:"],
        ["404:", "service_code:"],
        ["400:", "lat:"],
    ]
    report.problem = problem()
    await body.send_reports()
    assert report.external_id
