"""A fault reported and followed without any script, in Swedish and English."""

import msgspec
import pytest

from channels.base import Connection, Outgoing, Said
from channels.inbound import Location
from channels.public_state import Nearby
from channels.reports.channel import offered_of
from channels.reports.settings import ReportsSettings
from router.errors import ConfigurationError, RegisterUnavailable, StoreUnavailable
from tests.channels.reports.visit import FILLED, Pages
from tests.channels.served import JPEG, PNG, TOPICS


async def test_a_report_goes_all_the_way(pages: Pages) -> None:
    """Form, check, thanks with number: the contact has topic, words, place, person and how to tell them."""
    page = await pages.resident.open()
    assert (page.status, page.lang) == (200, "sv")
    assert "Vid fara för liv: ring 112. Kan felet inte vänta, ring 019-12 34 56." in page.text
    pages.inbox.time_ms += 10_000
    check = await pages.resident.press(page, "check", FILLED)
    assert "Hål eller skada i väg" in check.text
    assert "Skolgatan 4, 59,27412, 15,21337" in check.text
    assert not pages.inbox.contacts
    thanks = await pages.resident.press(check, "send")
    assert "Tack, din anmälan är mottagen" in thanks.text
    assert "c01" in thanks.text
    contact = pages.inbox.contacts["c01"]
    assert (contact.channel, contact.topic, contact.preferred_notice) == ("web", "GAT.HÅL", "email")
    assert contact.text == FILLED["text"]
    assert contact.location == Location(59.27412, 15.21337, "Skolgatan 4")
    assert (contact.person.email, contact.person.language, contact.person.anonymous) == ("kim@example.se", "sv", False)


async def test_nobody_need_say_who_they_are(pages: Pages) -> None:
    """Without any detail of a person, and with an address alone, a report is anonymous and its address a field."""
    check = await pages.filled(email="", tell_by="none", position="")
    assert "Inga, du är anonym" in check.text
    await pages.resident.press(check, "send")
    contact = pages.inbox.contacts["c01"]
    assert (contact.person.anonymous, contact.location, contact.fields) == (True, None, {"address": "Skolgatan 4"})


async def test_a_second_click_is_no_second_report(pages: Pages) -> None:
    """The same page sent twice leads to the same report; changed, it is another."""
    check = await pages.filled()
    urls = [(await pages.resident.press(check, "send")).url for _ in range(2)]
    assert urls[0] == urls[1]
    assert len(pages.inbox.contacts) == 1
    await pages.resident.elsewhere("192.0.2.9").press(check, "send", {"text": "Ett annat hål"})
    assert len(pages.inbox.contacts) == 2


async def test_what_is_wrong_is_said_and_nothing_is_lost(pages: Pages) -> None:
    """All faults at once, each linked to its field and read with it; everything typed stands there still."""
    page = await pages.resident.open()
    pages.inbox.time_ms += 10_000
    wrong = {"topic": "", "text": "", "position": "vid ån", "email": "kim", "tell_by": "sms", "name": "Kim Exempel"}
    again = await pages.resident.press(page, "check", wrong)
    assert again.status == 422
    assert "Fel i formuläret: Anmäl ett fel" in again.text
    for field in ("topic", "text", "position", "email", "phone"):
        assert f'href="#{field}"' in again.html
        assert f'aria-describedby="{field}' in again.html
    assert (again.value("name"), again.value("email"), again.value("position")) == ("Kim Exempel", "kim", "vid ån")
    check = await pages.resident.press(again, "check", FILLED)
    assert "Kontrollera din anmälan" in check.text


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"topic": "BAR.FSK"}, "topic", "Välj vad felet gäller"),
        ({"text": "x" * 5001}, "text", "högst 5 000 tecken"),
        ({"address": "", "position": ""}, "address", "Fyll i en adress eller en plats"),
        ({"position": "99,1, 15,2"}, "position", "Skriv koordinaterna som"),
        ({"position": "59, 15"}, "position", "Skriv koordinaterna som"),
        ({"tell_by": "brevduva"}, "tell_by", "Välj hur du vill få besked"),
        ({"email": ""}, "email", "Skriv din e-postadress"),
        ({"phone": "ring mig"}, "phone", "telefonnummer med siffror"),
        ({"name": "x" * 201}, "name", "högst 200 tecken"),
        ({"website": "https://example.se"}, "website", "Töm fältet"),
    ],
)
async def test_each_fault_has_its_sentence(pages: Pages, changes: dict[str, str], field: str, said: str) -> None:
    """One wrong field, one sentence at that field, no report."""
    page = await pages.filled(**changes)
    assert page.status == 422
    assert said in page.text
    assert f'href="#{field}"' in page.html
    assert f'id="{field}"' in page.html
    assert not pages.inbox.contacts


@pytest.mark.parametrize(
    "position", ["59.27412, 15.21337", "59.27412 15.21337", "59,27412; 15,21337", "59.27412° N, 15.21337° E"]
)
async def test_coordinates_are_read_as_people_write_them(pages: Pages, position: str) -> None:
    """With points or commas, with or without degrees."""
    await pages.resident.press(await pages.filled(position=position), "send")
    location = pages.inbox.contacts["c01"].location
    assert location is not None
    assert (location.lat, location.lon) == (59.27412, 15.21337)


async def test_photos_survive_every_page(pages: Pages) -> None:
    """Kept when the form is checked, they come along, can be taken away, and can't be made up."""
    page = await pages.resident.open()
    pages.inbox.time_ms += 10_000
    check = await pages.resident.press(page, "check", FILLED, [("mitt hem.jpg", JPEG), ("2.jpg", PNG)])
    assert "2 bilder" in check.text
    back = await pages.resident.press(check, "edit")
    assert "Bifogad bild 2" in back.text
    second = back.value("kept_photo").split(" ")[0]
    check = await pages.resident.press(back, "check", {"drop_photo": second})
    assert "En bild" in check.text
    forged = check.value("kept_photo").replace("image/jpeg", "text/html")
    await pages.resident.press(check, "send", {"kept_photo": forged})
    assert pages.inbox.contacts["c01"].attachments == ()
    await pages.resident.press(check, "send")
    (photo,) = pages.inbox.contacts["c02"].attachments
    assert (photo.name, photo.media_type, pages.inbox.blobs[photo.blob]) == ("file-1.jpg", "image/jpeg", JPEG)


async def test_a_picture_that_is_none_is_told(pages: Pages) -> None:
    """A page named .jpg, or a sixth picture, comes back as a fault of the photo."""
    page = await pages.resident.open()
    pages.inbox.time_ms += 10_000
    for photos in ([("x.jpg", b"<svg onload=alert(1)>")], [("x.jpg", JPEG)] * 6):
        again = await pages.resident.press(page, "check", FILLED, photos)
        assert again.status == 422
        assert "Bilden kan inte tas emot" in again.text


async def test_what_is_known_is_told_before_anything_is_sent(pages: Pages) -> None:
    """A disturbance's message and when it ends; open reports of the same nearby; sending is still possible."""
    pages.inbox.around = Nearby(
        2, 1_760_000_000_000, "Vattnet är avstängt i Söder.", "", expected_end_at=1_760_400_000_000
    )
    check = await pages.filled()
    assert "Felet är känt Vattnet är avstängt i Söder. Det beräknas vara klart 14 oktober 2025 02:00." in check.text
    assert "2 anmälningar om samma sak är öppna inom 50 meter, den äldsta sedan 9 oktober 2025" in check.text
    assert 'href="https://www.example.se/"' in check.html
    await pages.resident.press(check, "send")
    assert len(pages.inbox.contacts) == 1


async def test_what_stands_is_told_to_whoever_has_reported_it(pages: Pages) -> None:
    """The page of a report that a disturbance answers shows its message as it is now, in the reader's language."""
    thanks = await pages.resident.press(await pages.filled(), "send")
    pages.inbox.states["c01"] = msgspec.structs.replace(pages.inbox.states["c01"], state="answered")
    pages.inbox.around = Nearby(1, 1, "Vattnet är avstängt.", "The water is off.", 1_760_400_000_000)
    path = thanks.url.removeprefix(pages.url)
    told = await pages.resident.open(path)
    assert "Felet är känt Vattnet är avstängt. Det beräknas vara klart 14 oktober 2025 02:00." in told.text
    assert "The water is off." in (await pages.resident.open(path.replace("lang=sv", "lang=en"))).text
    pages.inbox.around = Nearby()
    assert "Felet är känt" not in (await pages.resident.open(path)).text


async def test_a_hint_that_does_not_come_keeps_nobody(pages: Pages) -> None:
    """When what is known can't be looked up, the check page comes without it."""
    page = await pages.resident.open()
    pages.inbox.time_ms += 10_000
    pages.inbox.failure = RegisterUnavailable()
    check = await pages.resident.press(page, "check", FILLED)
    assert (check.status, "Kontrollera din anmälan" in check.text) == (200, True)


async def test_the_store_is_away_and_nothing_is_typed_twice(pages: Pages) -> None:
    """503 with everything still there; the same button works when it is back."""
    check = await pages.filled()
    pages.inbox.failure = StoreUnavailable()
    again = await pages.resident.press(check, "send")
    assert (again.status, "tryck på knappen igen om en stund" in again.text) == (503, True)
    pages.inbox.failure = None
    assert "Tack" in (await pages.resident.press(again, "send")).text


async def test_it_speaks_english(pages: Pages) -> None:
    """By the link, by the browser's wish, and to the end: the contact's language too."""
    wished = await pages.resident.open(**{"Accept-Language": "en-GB,en;q=0.9,sv;q=0.5"})
    assert (wished.lang, "Report a fault" in wished.text) == ("en", True)
    page = await pages.resident.open("/report?lang=en")
    pages.inbox.time_ms += 10_000
    check = await pages.resident.press(page, "check", FILLED)
    assert "Pothole, damaged road" in check.text
    thanks = await pages.resident.press(check, "send")
    assert (thanks.lang, "Thank you" in thanks.text) == ("en", True)
    assert pages.inbox.contacts["c01"].person.language == "en"


async def test_it_is_followed_by_its_key(pages: Pages) -> None:
    """Status, unit and answers for whoever has the address; a wrong key, another's report: nothing."""
    thanks = await pages.resident.press(await pages.filled(), "send")
    path = thanks.url.removeprefix(pages.url)
    pages.inbox.states["c01"] = msgspec.structs.replace(
        pages.inbox.states["c01"], state="handed_over", handover="accepted", unit="Gata och park"
    )
    pages.inbox.answers["c01"] = [Said(2, "agent", "Vi lagar det <i morgon>.\n\nHälsningar", 1_760_335_300_000)]
    sent = await pages.channel.send(Outgoing("c01", 2, "x"))
    assert sent.outcome == "sent"
    followed = await pages.resident.open(path)
    assert "Läge Ansvarig enhet arbetar med ärendet Ansvarig Gata och park" in followed.text
    assert "Servicecenter, 13 oktober 2025 08:01 Vi lagar det <i morgon>." in followed.text
    assert (followed.headers["Cache-Control"], followed.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    for wrong in (path.replace("key=", "key=x"), path.replace("c01", "c02"), "/report/c01"):
        refused = await pages.resident.open(wrong)
        assert (refused.status, "Det finns inget ärende" in refused.text) == (404, True)


async def test_more_can_be_said(pages: Pages) -> None:
    """A message from the page reaches the report once; when it is over it is a new report that answers it."""
    thanks = await pages.resident.press(await pages.filled(), "send")
    empty = await pages.resident.press(thanks, "more")
    assert (empty.status, "Skriv ett meddelande" in empty.text) == (422, True)
    told = await pages.resident.press(thanks, "more", {"more": "Nu är det två hål."})
    assert "Ditt meddelande är mottaget." in told.text
    assert [(contact, message.text) for contact, message in pages.inbox.messages] == [("c01", "Nu är det två hål.")]
    del pages.inbox.seen["c01"]
    again = await pages.resident.elsewhere("192.0.2.7").press(thanks, "more", {"more": "Det är inte lagat."})
    assert "/report/c02?" in again.url
    assert (pages.inbox.contacts["c02"].in_reply_to, pages.inbox.contacts["c02"].topic) == ("c01", "GAT.HÅL")


async def test_nothing_is_shown_of_what_may_not_be_shown(pages: Pages) -> None:
    """Of a protected person's report the key shows that it was received, and its number."""
    thanks = await pages.resident.press(await pages.filled(), "send")
    del pages.inbox.states["c01"]
    page = await pages.resident.open(thanks.url.removeprefix(pages.url))
    assert (page.status, "c01" in page.text, "Skolgatan" in page.text) == (200, True, False)


async def test_the_city_chooses_what_is_offered() -> None:
    """Its own order of topics; without one every fault; an unknown one stops the start."""
    assert list(offered_of(ReportsSettings(), TOPICS)) == ["GAT.HÅL", "GAT.BEL"]
    assert list(offered_of(ReportsSettings(topics=("BAR.FSK", "GAT.BEL")), TOPICS)) == ["BAR.FSK", "GAT.BEL"]
    with pytest.raises(ConfigurationError) as told:
        offered_of(ReportsSettings(topics=("GAT.BEL", "NO.SUCH")), TOPICS)
    assert told.value.field == "$.channels.reports.topics[1]"


async def test_written_work_is_connected_at_once(pages: Pages) -> None:
    """When an agent takes it there is nobody to connect."""
    await pages.channel.connect(Connection("c01", "c01.l1", "kim", "/reports", "x"))
    assert pages.inbox.setups == [("c01.l1", "connected")]
