"""What a decision says beside the place: captures, fields of a handover, what is shown, facts found out."""

from typing import cast

import msgspec

from router.cards import Card
from router.decisions import facts_of, said_of
from router.desk.handing_over import HandoverPreview
from router.floor_figures import QueueFigure
from router.floor_ruling import FloorRuling, alarms_of_rules, facts_by_queue, restraint
from tests.desk.day import done, refused
from tests.laws.house import House


async def seated(house: House, channel: str = "phone", topic: str = "KUF.BIB", **more: object) -> str:
    """A contact with anna."""
    skills = {"bygg": 3, "soc_mottagning": 1}
    await house.seat("anna", skills)
    if channel == "email":
        house.clock.advance_s(1)
        await house.seat("reserve", skills)
    contact = await house.receive(channel, topic, **more)
    await house.dispatch()
    assert (await house.accept(contact)).agent == "anna"
    return contact


async def card_of(house: House, contact: str) -> Card:
    """The contact as anna's desktop shows it."""
    return cast("Card", await house.command("anna", "contact.read", contact_id=contact, reason="quality"))


async def test_what_must_not_be_written_down_is_refused_and_stands_on_the_card(house: House) -> None:
    """A concern in a call: no note, no name, no handover with words; a number to call back is taken."""
    contact = await seated(house)
    await done(house, "anna", "topic.set", contact_id=contact, topic="SOC.ORB")
    kept = (await house.contact(contact)).contents

    for name, data, field in (
        ("note.add", {"text": "barnet heter"}, "$.data.text"),
        ("message.send", {"text": "hej"}, "$.data.text"),
        ("person.identify", {"email": "siv@example.se"}, "$.data.email"),
        ("person.identify", {"phone": "+46701740605", "party_id": "p1"}, "$.data.phone"),
        ("handover.create", {"unit": "socialtjanst_mottagning", "note": "barnet heter"}, "$.data.note"),
    ):
        assert await refused(house, "anna", name, contact_id=contact, **data) == ("capture-forbidden", field), name
    assert (await house.contact(contact)).contents == kept
    _ = await house.command("anna", "person.identify", contact_id=contact, phone="+46701740605")
    card = await card_of(house, contact)
    assert (card.capture.forbid, card.capture.allow) == (("text", "person", "notes"), ("callback_number",))
    assert (card.warm_transfer, card.fallback) == ("socialtjanst_mottagning", "112")


async def test_a_handover_needs_what_the_unit_needs_and_leaves_out_what_it_must_not_have(house: House) -> None:
    """The missing field is named before anything is kept; a forbidden one is not passed on."""
    contact = await seated(house, topic="BYG.LOV", fields={"fastighet": "Eken 1:4"})
    wanted: dict[str, object] = {"contact_id": contact, "unit": "bygglov"}

    preview = cast("HandoverPreview", await house.command("anna", "handover.preview", **wanted))
    assert (preview.require_fields, preview.missing_fields) == (("fastighet", "atgard"), ("atgard",))
    problem = await refused(house, "anna", "handover.create", contact_id=contact, unit="bygglov")
    assert problem == ("handover-incomplete", "$.data.fields.atgard")
    assert (await house.contact(contact)).contents == 1
    await done(house, "anna", "handover.create", **wanted, fields={"atgard": "uterum"})
    after = await house.contact(contact)
    assert (after.state, after.unit) == ("handed_over", "bygglov")
    note = msgspec.json.decode((await house.store.content(contact))[2])
    assert note == {"at": 1_760_335_200_000, "note": "", "fields": {"atgard": "uterum"}}


async def test_a_forbidden_field_is_not_passed_on(house: House) -> None:
    """Why somebody asks for a public record goes to nobody."""
    contact = await seated(house, topic="DEM.ALH")
    fields = {"request": "protokoll", "way_to_deliver": "e-post", "purpose": "nyfiken"}
    await done(house, "anna", "handover.create", contact_id=contact, unit="registrator", fields=fields)

    kept = b"".join((await house.store.content(contact)).values())
    assert b"protokoll" in kept
    assert b"nyfiken" not in kept


async def test_only_what_the_limit_allows_is_shown(house: House) -> None:
    """A file that the scan found infected is on nobody's card; the words are."""
    file = {"name": "a.exe", "media_type": "application/octet-stream", "size_bytes": 1, "url": "https://example.se/a"}
    told = {"scan": "infected", "colour": "green"}
    contact = await seated(house, "email", text="Hej, se bilagan", attachments=[file], fields=told)
    card = await card_of(house, contact)

    assert card.content["text"] == "Hej, se bilagan"
    assert "attachments" not in card.content
    assert facts_of(await house.contact(contact))["scan"] == "infected"
    assert "colour" not in facts_of(await house.contact(contact))


async def test_what_an_agent_finds_out_is_a_fact_and_is_decided_about(house: House) -> None:
    """The strategy knows it from then on; another word, another kind or a fact that agents don't supply is refused."""
    contact = await seated(house)
    await done(house, "anna", "fact.set", contact_id=contact, fact="threat", value=True)

    said = said_of(await house.contact(contact))
    assert said
    assert "alert:supervisor" in said.suggestions
    assert facts_of(await house.contact(contact))["threat"] is True
    for fact, value, field in (
        ("declared_need", "tall", "$.data.value"),
        ("threat", 1, "$.data.value"),
        ("protection", "none", "$.data.fact"),
        ("no_such", True, "$.data.fact"),
    ):
        problem = await refused(house, "anna", "fact.set", contact_id=contact, fact=fact, value=value)
        assert problem == ("unknown-fact", field), fact


async def test_a_floor_rule_starts_holds_the_floor_back_and_stops(house: House) -> None:
    """What the figures start is an order of the strategy, seen by every router, and over when they are calm again."""
    ruling = FloorRuling(house.store, house.strategies, house.opening)
    busy = [QueueFigure("gata", "voice", 6, oldest_at=house.clock.now_ms() - 700_000, wait_estimate_s=900, able=1)]
    calm = [QueueFigure("gata", "voice", 0)]

    async def look(rows: list[QueueFigure]) -> None:
        await ruling.look(rows, house.clock.now_ms())
        await house.orders.load()

    await look(busy)
    began = house.clock.now_ms()
    assert facts_by_queue(busy, began)["gata"]["oldest_wait_s"] == 700
    shown = ruling.figures(began)
    assert [(each.rule, each.queue, each.banner) for each in shown] == [
        ("K42", "gata", "long_waits"),
        ("K42B", "gata", ""),
    ]
    assert [alarm.code for alarm in alarms_of_rules(shown)] == ["long_waits"]
    await house.waiting.look(house.dispatcher.floor)
    assert house.dispatcher.floor.is_written_held
    assert (house.dispatcher.floor.reserve("gata"), house.dispatcher.floor.reserve("vatten")) == (2, 1)
    house.clock.advance_s(400)
    await look(calm)
    assert restraint(house.strategies, house.opening, house.clock.now_ms()) == (True, {}, frozenset())
    house.clock.advance_s(300)
    await look(calm)
    await house.waiting.look(house.dispatcher.floor)
    assert not house.dispatcher.floor.is_written_held
    told = [entry.data for entry in await house.journal() if entry.command == "set_order"]
    assert {data.actor for data in told} == {"strategy"}
    assert [data.until > 0 for data in told] == [False, False, True, True]
