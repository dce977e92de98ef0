"""FixMyStreet by configuration alone: its calls, as its own code makes them, against the adapter on a real socket."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from channels.base import Connection, Outgoing, Said
from channels.open311.channel import Open311Channel
from channels.open311.settings import Attribute, Open311Settings, ServiceSetting, Value
from channels.public_state import PublicState
from tests.channels.open311.fixmystreet import FixMyStreet, Problem, Refusal
from tests.channels.recording_inbox import RecordingInbox
from tests.channels.served import JPEG, TOPICS, served

KEY, OTHER = "a-key-of-sixteen-letters", "another-key-that-is-long"
SETTINGS = Open311Settings(
    keys={"fixamingata": KEY, "elsewhere": OTHER},
    jurisdiction_id="ekeby.se",
    services=(
        ServiceSetting(
            code="hole",
            topic="GAT.HÅL",
            group="Gator",
            keywords=("väg", "grop"),
            attributes=(
                Attribute(code="size", description="Hur stort?", required=True),
                Attribute(
                    code="harms",
                    description="Vad är skadat?",
                    datatype="multivaluelist",
                    values=(Value("car", "Bil"), Value("bike", "Cykel")),
                ),
            ),
        ),
        ServiceSetting(code="light", topic="GAT.BEL", name="Trasig lampa", description="En lampa som inte lyser"),
    ),
)
SENT = Problem(extra={"size": "en halvmeter", "harms": ("car", "bike"), "title": "Stort hål"})


class Made:
    """The adapter, its inbox and where it listens."""

    def __init__(self, settings: Open311Settings = SETTINGS) -> None:
        self.inbox = RecordingInbox()
        self.channel = Open311Channel(
            self.inbox, lambda: self.inbox.time_ms, TOPICS, settings, "https://kontakt.example.se"
        )
        self.url = ""

    def street(self, key: str = KEY, jurisdiction: str = "ekeby.se") -> FixMyStreet:
        """A FixMyStreet that is set up for it."""
        return FixMyStreet(self.url, key, jurisdiction)

    def change(self, contact: str, seconds: int, **fields: object) -> PublicState:
        """Something happens to a contact so many seconds after the start."""
        found = self.inbox.states[contact]
        changed = msgspec.structs.replace(found, changed_at=self.inbox.time_ms + seconds * 1000, **fields)
        self.inbox.states[contact] = changed
        return changed

    def period(self, first_s: int, last_s: int) -> tuple[datetime, datetime]:
        """Seconds after the start as a period."""
        start = datetime.fromtimestamp(self.inbox.time_ms / 1000, UTC)
        return start + timedelta(seconds=first_s), start + timedelta(seconds=last_s)


@pytest.fixture
async def made() -> AsyncIterator[Made]:
    """The adapter with two integrations and two services."""
    new = Made()
    async with served(new.channel) as url:
        new.url = url
        yield new


async def test_it_finds_the_categories_and_their_questions(made: Made) -> None:
    """The service list gives categories with groups; one with questions says so, and they come in order."""
    hole, light = await made.street().services()
    assert (hole["service_code"], hole["service_name"], hole["metadata"]) == ("hole", "Hål eller skada i väg", "true")
    assert (hole["group"], hole["keywords"]) == ("Gator", "väg,grop")
    assert (light["service_name"], light["description"], light["metadata"]) == (
        "Trasig lampa", "En lampa som inte lyser", "false",
    )  # fmt: skip
    size, harms = await made.street().meta("hole")
    assert (size["code"], size["required"], size["variable"], size["order"]) == ("size", "true", "true", "1")
    assert harms["values"] == [{"key": "car", "name": "Bil"}, {"key": "bike", "name": "Cykel"}]


async def test_a_report_arrives_whole(made: Made) -> None:
    """Place, words, person, pictures by reference and answers of several values are all in the contact."""
    photos = [f"https://fixa.example.se/photo/17.{i}.jpeg" for i in range(2)]
    contact = made.inbox.contacts[await made.street().send("hole", SENT, photos)]
    assert (contact.channel, contact.topic, contact.subject) == ("web", "GAT.HÅL", "Stort hål i vägen")
    assert "Beskrivning: Mitt i korsningen, djupt." in contact.text
    assert contact.location is not None
    assert (contact.location.lat, contact.location.lon) == (59.27412, 15.21337)
    assert (contact.person.name, contact.person.email, contact.person.phone) == (
        "Kim Exempel", "kim@example.se", "+46701740605",
    )  # fmt: skip
    assert [each.url for each in contact.attachments] == photos
    assert contact.fields == {"size": "en halvmeter", "harms": "car, bike", "title": "Stort hål"}
    assert contact.preferred_notice == "none"


async def test_photos_of_a_private_report_come_along(made: Made) -> None:
    """Uploaded photos are kept under names of ours, by what they are, not by what they are called."""
    uploads = [("kims-badrum.exe", "application/x-msdownload", JPEG), ("2.jpeg", "image/jpeg", JPEG + b"2")]
    contact = made.inbox.contacts[await made.street().send("light", Problem(), (), uploads)]
    assert [(each.name, each.media_type, each.size_bytes) for each in contact.attachments] == [
        ("file-1.jpg", "image/jpeg", len(JPEG)),
        ("file-2.jpg", "image/jpeg", len(JPEG) + 1),
    ]
    assert [made.inbox.blobs[each.blob] for each in contact.attachments] == [JPEG, JPEG + b"2"]


async def test_sending_again_makes_no_second_report(made: Made) -> None:
    """After a time-out the same report is sent again: it gets the same id; another one gets its own."""
    first = await made.street().send("hole", SENT, (), [("1.jpeg", "image/jpeg", JPEG)])
    assert await made.street().send("hole", SENT, (), [("1.jpeg", "image/jpeg", JPEG)]) == first
    assert await made.street().send("hole", SENT._replace(url="https://fixa.example.se/report/18")) != first
    assert await made.street(OTHER).send("hole", SENT) != first
    assert len(made.inbox.contacts) == 3


@pytest.mark.parametrize(
    ("state", "fields", "told"),
    [
        ("queued", {}, "confirmed"),
        ("with_agent", {}, "investigating"),
        ("handed_over", {"handover": "offered", "unit": "Gata och park"}, "investigating"),
        ("handed_over", {"handover": "accepted", "unit": "Gata och park"}, "in progress"),
        ("answered", {"follows": True}, "confirmed"),
        ("closed", {"handover": "done", "resolutions": ("registered_complete",)}, "fixed - council"),
        ("closed", {"resolutions": ("referred_external",)}, "not responsible"),
        ("closed", {"resolutions": ("spam",)}, "unable to fix"),
        ("cancelled", {}, "unable to fix"),
    ],
)
async def test_it_is_told_how_a_report_goes_on(made: Made, state: str, fields: dict[str, object], told: str) -> None:
    """Every state of ours becomes a state that it shows, with words, once and always under the same id."""
    street = made.street()
    request = await street.send("hole", SENT)
    made.change(request, 60, state=state, **fields)
    (update,) = await street.fetch_updates(*made.period(30, 90))
    assert (update["service_request_id"], update["state"]) == (request, told)
    assert update["description"]
    assert await street.fetch_updates(*made.period(60, 90)) == [update]
    assert await street.fetch_updates(*made.period(61, 90)) == []


async def test_only_open_and_closed_when_it_wants_no_more() -> None:
    """Without extended statuses an update says open or closed."""
    made = Made(msgspec.structs.replace(SETTINGS, extended_statuses=False))
    async with served(made.channel) as made.url:
        request = await made.street().send("hole", SENT)
        made.change(request, 60, state="closed", resolutions=("answered",))
        (update,) = await made.street().fetch_updates(*made.period(30, 90))
    assert update["status"] == "closed"


async def test_a_comment_becomes_a_message_once(made: Made) -> None:
    """What its users write afterwards reaches the contact; the same update again changes nothing."""
    street = made.street()
    request = await street.send("hole", SENT)
    update = await street.comment(request, 5, "Hålet har blivit större")
    assert await street.comment(request, 5, "Hålet har blivit större") == update
    assert [(contact, message.text) for contact, message in made.inbox.messages] == [
        (request, "Hålet har blivit större\n\nStatus: OPEN")
    ]


async def test_a_comment_about_what_is_over_is_a_new_contact(made: Made) -> None:
    """It comes in as a report of the same topic and place that answers the old one."""
    request = await made.street().send("hole", SENT)
    del made.inbox.seen[request]
    await made.street().comment(request, 6, "Det är inte lagat", "REOPEN")
    again = list(made.inbox.contacts.values())[-1]
    assert (again.in_reply_to, again.topic, again.location) == (
        request, "GAT.HÅL", made.inbox.contacts[request].location,
    )  # fmt: skip


async def test_others_see_nothing_of_it(made: Made) -> None:
    """Another key neither reads nor comments; without a key nothing is listed, and one is read by its id alone."""
    request = await made.street().send("hole", SENT)
    made.change(request, 60)
    assert await made.street(OTHER).fetch_updates(*made.period(0, 90)) == []
    with pytest.raises(Refusal, match=r"404.*service_request_id"):
        await made.street(OTHER).comment(request, 7, "Hej")
    (one,) = await made.street().requests([request])
    assert (one["service_request_id"], one["description"]) == (request, None)
    with pytest.raises(Refusal, match=r"403.*api_key"):
        await made.street().requests([])
    with pytest.raises(Refusal, match=r"403.*api_key"):
        await made.street("").fetch_updates(*made.period(0, 90))


async def test_anybody_reads_where_the_operator_says_so() -> None:
    """With `reading = "anyone"` all are listed without a key: place and state, no words, no names."""
    made = Made(msgspec.structs.replace(SETTINGS, reading="anyone"))
    async with served(made.channel) as made.url:
        street = made.street()
        ids = [await street.send("hole", SENT._replace(url=f"https://fixa.example.se/report/{i}")) for i in range(3)]
        made.change(ids[0], 60, state="closed", unit="Gata", resolutions=("answered",))
        found = {str(each["service_request_id"]): each for each in await street.requests([*ids, "nothing"])}
        assert len(await street.requests([])) == 3
    assert set(found) == set(ids)
    one = found[ids[0]]
    assert (one["status"], one["agency_responsible"], one["lat"]) == ("closed", "Gata", "59.27412")
    assert one["requested_datetime"] == "2025-10-13T06:00:00Z"
    assert "Mitt i korsningen" not in str(found)
    assert "kim" not in str(found).lower()


async def test_an_answer_is_told_only_where_it_may_be_public() -> None:
    """With `publish_replies` the agent's last answer stands in the last update; without it no reply can be sent."""
    private, public = Made(), Made(msgspec.structs.replace(SETTINGS, publish_replies=True))
    for made, outcome in ((private, "failed"), (public, "sent")):
        async with served(made.channel) as made.url:
            request = await made.street().send("hole", SENT)
            made.inbox.answers[request] = [Said(2, "agent", "Vi lagar det i morgon.")]
            assert (await made.channel.send(Outgoing(request, 2, "Vi lagar det i morgon."))).outcome == outcome
            made.change(request, 60, state="closed", handover="done")
            (update,) = await made.street().fetch_updates(*made.period(30, 90))
            assert (update["description"] == "Vi lagar det i morgon.") == (outcome == "sent")


async def test_the_wrong_city_is_told_so(made: Made) -> None:
    """Another jurisdiction is 404; none is fine, because there is one alone."""
    with pytest.raises(Refusal, match=r"404.*jurisdiction_id"):
        await made.street(jurisdiction="elsewhere.se").services()
    assert await made.street(jurisdiction="").services()


async def test_written_work_is_connected_at_once(made: Made) -> None:
    """When an agent takes it there is nobody to connect."""
    await made.channel.connect(Connection("c01", "c01.l1", "kim", "/open311/fixamingata", "x"))
    assert made.inbox.setups == [("c01.l1", "connected")]
