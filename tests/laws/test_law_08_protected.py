"""Law 8: a protected person's data never shows to an ordinary agent: a canary in every field, sought everywhere."""

import sqlite3
from collections.abc import Mapping
from typing import cast

import pytest

from router.errors import Forbidden
from router.http.auth import ROLES
from tests.desktop_client import Frame
from tests.faults.evidence import journal
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Json, Town
from tests.journeys.waiting import eventually
from tests.laws.house import House

CANARY = "kanariefågel"
PERSON: Json = {
    "phone": f"+46701740699-{CANARY}",
    "email": f"{CANARY}@example.se",
    "party_id": f"{CANARY}-party",
    "name": f"Siv {CANARY}",
    "protection": "protected_registration",
}
CONTACT: Json = {
    "topic": "BYG.LOV",
    "person": PERSON,
    "subject": f"Ämne {CANARY}",
    "text": f"Jag heter Siv {CANARY}",
    "location": {"lat": 59.3, "lon": 18.1, "address": f"{CANARY}vägen 1"},
    "fields": {CANARY: CANARY},
    "attachments": [{"name": f"{CANARY}.pdf", "url": f"https://example.se/{CANARY}"}],
    "thread": CANARY,
    "in_reply_to": CANARY,
}
WORDS = "content"
"""The one table of the register that holds what people said; it is read by no ordinary query."""


def curious(contact: str) -> Mapping[str, Json]:
    """Everything that an agent could try on a contact that is not theirs."""
    named: Json = {"contact_id": contact}
    return {
        "offer.accept": {"offer_id": f"{contact}.o1", "rev": 4},
        "offer.decline": {"offer_id": f"{contact}.o1", "rev": 4, "reason": "x"},
        "message.send": {**named, "text": "Hej"},
        "note.add": {**named, "text": "Hej"},
        "topic.set": {**named, "topic": "KUF.BIB"},
        "person.identify": {**named, "phone": "+46701740699"},
        "history.get": named,
        "work.hold": named,
        "work.resume": named,
        "work.finish": {**named, "outcomes": [{"resolution": "answered"}]},
        "handover.preview": {**named, "unit": "kultur_fritid"},
        "handover.create": {**named, "unit": "kultur_fritid"},
        "wrap_up.extend": named,
        "wrap_up.end": named,
    }


async def test_the_canary_is_never_heard(service: ServiceProcess, town: Town) -> None:
    """Frames of an ordinary agent, answers to every role, metrics, logs, journal and register tables: no canary."""
    heard: list[str] = []
    anna = await town.at_work("anna", skills={"bygg": 5, "gata": 5, "finska": 5, "senior": 5})

    def listen(frame: Frame) -> None:
        heard.append(str(frame))

    anna.client.on_frame = listen
    contacts = [await town.get_in_touch(channel, **CONTACT) for channel in ("phone", "chat", "email", "web")]
    for contact in contacts:
        await town.post("contact.message", {"contact": contact, "text": f"Och {CANARY}", "subject": CANARY})
        for name, data in curious(contact).items():
            answer = await anna.client.answer(name, data)
            assert answer["ok"] is False, name
    await anna.client.drop()
    await anna.client.resume()
    await anna.client.command("queue.list")
    await eventually(lambda: _registered(service, contacts))

    said = [*heard, *[str(event) for event in anna.client.events], service.said()]
    said += [await _answers(town, contacts)]
    said += [str(entry) for entry in await journal(service.store_url)]
    said += _tables(service)
    assert not [words[:200] for words in said if CANARY in words.lower()]


async def test_the_few_see_words_but_no_name(town: Town) -> None:
    """The canary is alive: the holder of `skyddad_id` reads what was said, and neither who nor where."""
    gunilla = await town.at_work("gunilla", skills={"skyddad_id": 1, "bygg": 5})
    contact = await town.get_in_touch("phone", **CONTACT)
    offer = await gunilla.take(contact)
    content = cast("Json", offer.card["content"])
    assert CANARY in str(content["text"])
    assert not {"person", "location", "fields", "attachments", "thread", "in_reply_to"} & set(content)
    await gunilla.finish(contact)


async def test_a_returned_concern_report_stays_restricted(house: House) -> None:
    """Social services send a report back: no ordinary agent is offered it, however long it waits."""
    await house.seat("anna", {"omsorg": 5, "barn": 5})
    contact = await house.receive("email", "SOC.ORB", text=f"Oro {CANARY}")
    seen = await house.contact(contact)
    assert seen.state == "handed_over"
    await house.units.give_back(seen.handover, seen.unit, "unit:x", "fel enhet")
    for _ in range(4):
        await house.dispatch()
        assert (await house.contact(contact)).state == "queued"
        await house.pass_time(20_000)
    await house.seat("soc", {"soc_mottagning": 1})
    await house.dispatch()
    assert (await house.contact(contact)).agent == "soc"


async def test_reading_the_past_leaves_a_record(house: House) -> None:
    """Whoever opens a person's history is written down with contact and purpose; who may not is refused."""
    await house.seat("anna")
    contact = await house.receive("phone", person={"phone": "+46701740609"})
    await house.dispatch()
    await house.accept(contact)
    await house.command("anna", "history.get", contact_id=contact)
    (read,) = [entry for entry in await house.journal() if entry.command == "record_access"]
    assert (read.data.actor, read.data.contact, read.data.purpose) == ("agent:anna", contact, "history.get")
    await house.seat("beate")
    with pytest.raises(Forbidden):
        await house.command("beate", "history.get", contact_id=contact)


async def _registered(service: ServiceProcess, contacts: list[str]) -> bool:
    with sqlite3.connect(f"file:{service.data_dir / 'register.db'}?mode=ro", uri=True, timeout=5) as register:
        found = {row[0] for row in register.execute("select id from contacts")}
    register.close()
    return set(contacts) <= found


async def _answers(town: Town, contacts: list[str]) -> str:
    """Everything that any role is told about these contacts over REST."""
    said: list[str] = []
    paths = ["/v1/goal", "/v1/queues", "/v1/agents", "/v1/handovers", "/v1/topics", "/readyz", "/api-info"]
    for contact in contacts:
        paths += [f"/v1/contacts/{contact}", f"/v1/contacts/{contact}/decision", f"/v1/cases/{contact}.k1"]
    for role in ROLES:
        for path in paths:
            answer = await town.ask("GET", path, role, name="switch", unit="bygg" if role == "department" else "")
            assert answer.status < 500, answer
            said.append(str(answer.body))
    said.append(await town.text("/metrics"))
    return " ".join(said)


def _tables(service: ServiceProcess) -> list[str]:
    """Every row of every table but the words themselves, as text."""
    said: list[str] = []
    with sqlite3.connect(f"file:{service.data_dir / 'register.db'}?mode=ro", uri=True, timeout=5) as register:
        names = [row[0] for row in register.execute("select name from sqlite_master where type = 'table'")]
        assert WORDS in names
        for name in names:
            if name != WORDS:
                rows = register.execute(f'select * from "{name}"')  # noqa: S608 # the names come from the schema
                said += [
                    " ".join(part.decode(errors="replace") if isinstance(part, bytes) else str(part) for part in row)
                    for row in rows
                ]
    register.close()
    return said
