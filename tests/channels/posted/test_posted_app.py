"""A new channel by configuration: the app of the example, from the very file that operators are given."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import aiohttp
import msgspec
import pytest

from channels.adapters import settings_of
from channels.base import Outgoing, Said
from channels.inbound import Location
from channels.posted.channel import PostedChannel
from channels.posted.settings import PostedSettings
from channels.registry import CHANNELS
from router.config import load_config
from tests.channels.recording_inbox import RecordingInbox
from tests.channels.served import served

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "deploy/example-channels/app.toml"
PAYLOADS = Path(__file__).parent / "payloads"
RECORDED = {"app": "app_report.json", "app-message": "app_message.json"}
BEARER = {"Authorization": "Bearer change-me-to-something-long", "Content-Type": "application/json"}


class App(NamedTuple):
    """The app's backend, and the service behind it."""

    inbox: RecordingInbox
    channel: PostedChannel
    url: str
    http: aiohttp.ClientSession

    async def post(self, form: str, **changes: object) -> tuple[int, dict[str, object]]:
        """Post what was recorded, changed."""
        recorded = json.loads((PAYLOADS / RECORDED[form]).read_text(encoding="utf-8"))
        body = json.dumps(recorded | changes)
        async with self.http.post(f"{self.url}/v1/forms/{form}", data=body, headers=BEARER) as got:
            return got.status, await got.json(content_type=None)


@pytest.fixture
async def app() -> AsyncIterator[App]:
    """The adapter as the example file sets it up."""
    inbox = RecordingInbox()
    _, settings = settings_of("posted", load_config(EXAMPLE, {}).channels["posted"])
    assert isinstance(settings, PostedSettings)
    channel = PostedChannel(inbox, lambda: inbox.time_ms, settings)
    async with served(channel) as url, aiohttp.ClientSession() as http:
        yield App(inbox, channel, url, http)


async def test_a_report_from_the_app_is_a_contact_of_its_own_channel(app: App) -> None:
    """Category, words, person, place and a field of its own arrive under the code `app`, which is no code of ours."""
    status, answer = await app.post("app")
    assert (status, answer) == (202, {"id": "c01"})
    contact = app.inbox.contacts["c01"]
    assert CHANNELS[contact.channel].code == "app"
    assert (contact.topic, contact.subject, contact.text) == (
        "GAT.HÅL", "Hål utanför skolan", "Djupt hål i cykelbanan, barnen cyklar omkull.",
    )  # fmt: skip
    assert contact.location == Location(59.27412, 15.21337, "Skolgatan 4")
    assert (contact.person.name, contact.person.party_id, contact.person.language) == ("Kim Exempel", "u-7731", "sv")
    assert (contact.fields, contact.preferred_notice) == ({"app_version": "4.2.0"}, "none")


async def test_the_app_may_post_again(app: App) -> None:
    """The same id is the same contact, whatever else has changed on the way; another id is another."""
    assert await app.post("app") == await app.post("app", app={"version": "4.2.1"})
    assert len(app.inbox.contacts) == 1
    assert await app.post("app", id="another") == (202, {"id": "c02"})


async def test_more_words_reach_the_contact(app: App) -> None:
    """By the id that it was answered; when it is over they are a new contact that answers it."""
    await app.post("app")
    assert await app.post("app-message") == (202, {"id": "c01"})
    assert [(contact, message.text) for contact, message in app.inbox.messages] == [("c01", "Nu är det två hål.")]
    del app.inbox.seen["c01"]
    assert await app.post("app-message", id="m-2") == (202, {"id": "c02"})
    assert (app.inbox.contacts["c02"].channel, app.inbox.contacts["c02"].in_reply_to) == ("app", "c01")


async def test_a_protected_persons_words_come_through(app: App) -> None:
    """Nothing is told of their contact, but what they say further is taken; nobody else's form is."""
    await app.post("app")
    del app.inbox.states["c01"]
    assert await app.post("app-message") == (202, {"id": "c01"})
    app.inbox.seen["c01"] = msgspec.structs.replace(app.inbox.seen["c01"], source="/forms/other")
    status, problem = await app.post("app-message", id="m-2")
    assert (status, problem["field"]) == (404, "/contact")
    async with app.http.get(f"{app.url}/v1/forms/app/contacts/c01", headers=BEARER) as got:
        assert got.status == 404


async def test_the_app_shows_how_it_stands(app: App) -> None:
    """Status, unit and what was said, for whoever holds the key; nobody else, and no contact of others."""
    await app.post("app")
    assert (await app.channel.send(Outgoing("c01", 2, "Tack!", source="/forms/app"))).outcome == "sent"
    app.inbox.answers["c01"] = [Said(2, "agent", "Tack!", 5)]
    state = app.inbox.states["c01"]
    app.inbox.states["c01"] = msgspec.structs.replace(state, state="handed_over", unit="Gata", handover="accepted")
    app.inbox.states["c99"] = msgspec.structs.replace(state, contact="c99", source="/forms/other")
    url = f"{app.url}/v1/forms/app/contacts/"
    async with app.http.get(url + "c01", headers=BEARER) as got:
        told = await got.json()
    assert (told["status"], told["unit"], told["is_over"]) == ("in_progress", "Gata", False)
    assert [each["text"] for each in told["said"]][-1] == "Tack!"
    for path, headers, status in (("c01", {}, 401), ("c99", BEARER, 404), ("c02", BEARER, 404)):
        async with app.http.get(url + path, headers=headers) as got:
            assert got.status == status
    async with app.http.get(f"{app.url}/v1/forms/app-message/contacts/c01", headers=BEARER) as got:
        assert got.status == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"message": ""}, "/message"),
        ({"message": "x" * 5001}, "/message"),
        ({"category": "ufo"}, "/category"),
        ({"user": {"email": "kim at example.se"}}, "/user/email"),
        ({"user": {"email": {"a": 1}}}, "/user/email"),
        ({"user": {"tell_me_by": "fax"}}, "/user/tell_me_by"),
        ({"position": {"latitude": 99, "longitude": 15}}, "/position/latitude"),
        ({"position": {"latitude": 59}}, "/position/longitude"),
        ({"id": "x" * 300}, "/id"),
        ({"title": "a\u0000b"}, "/title"),
    ],
)
async def test_what_is_wrong_is_named_as_the_app_calls_it(app: App, changes: dict[str, object], field: str) -> None:
    """A refusal names the JSON pointer of the sender, and nothing is kept."""
    status, problem = await app.post("app", **changes)
    assert (status, problem["field"]) == (422, field)
    assert not app.inbox.contacts
