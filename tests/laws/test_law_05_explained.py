"""Law 5: no decision is unexplained. Facts, version, rules, winner and losers with reasons are stored."""

import msgspec

from router.matching import Chosen
from router.records import DecisionRecord
from rules.decide import decide
from rules.explain import explain, traced
from rules.words import LANGS
from rules.words.telling import as_text, tell
from tests.laws.house import House
from tests.laws.storm import Storm

_record = msgspec.json.Decoder(DecisionRecord)
_chosen = msgspec.json.Decoder(Chosen)


async def test_every_contact_of_a_storm_has_its_record(house: House) -> None:
    """Each entry that placed a contact carries the decision with version and rules, told in both languages."""
    await Storm(house, 5).blow(120)
    decided = [entry for entry in await house.journal() if entry.command in {"receive_contact", "return_handover"}]
    assert decided
    for entry in decided:
        record = _record.decode(bytes(entry.data.decision or b""))
        trace = record.decision.trace
        assert (trace.strategy_version, trace.strategy_hash) == (house.city.strategy.version, house.city.strategy.hash)
        assert trace.hits
        assert record.facts["channel"]
        assert set(traced(house.city.strategy, record.facts).trace.hits) == set(trace.hits)
        explanation = explain(house.city.strategy, record.facts, decided=record.decision, at_ms=entry.at)
        for lang in LANGS:
            told = as_text(tell(explanation, house.city, lang))
            assert all(f"({rule})" in told for rule in trace.hits)


async def test_every_offer_names_its_losers(house: House) -> None:
    """Winner and losers by reason add up to everybody who was available."""
    for agent, skills in {"anna": {"barn": 3}, "beate": {"barn": 2}, "cecilia": {}, "doris": {"barn": 1}}.items():
        await house.seat(agent, skills)
    await house.receive("phone", "BAR.SKV")
    await house.dispatch()
    (offer,) = [entry for entry in await house.journal() if entry.command == "issue_offer"]
    chosen = _chosen.decode(bytes(offer.data.chosen or b""))
    assert chosen.agent in {"anna", "beate"}
    assert chosen.losers == {"ring_not_open": 2, "less_idle": 1}
    assert set(chosen.runners_up) == {"anna", "beate"} - {chosen.agent}


async def test_a_returned_contact_is_decided_anew_and_told_why(house: House) -> None:
    """A return is a decision of its own generation, made from the contact's facts at the point `returned`."""
    contact = await house.receive("web", "GAT.HÅL", location={"lat": 59.3, "lon": 18.1})
    seen = await house.contact(contact)
    await house.units.give_back(seen.handover, seen.unit, "unit:x", "fel enhet")
    after = await house.contact(contact)
    record = _record.decode(after.decision.encode())
    assert after.generation == 2
    assert (record.facts["point"], record.decision.kind, record.decision.reason) == ("returned", "queue", "returned")
    assert record.decision.trace.hits == decide(house.city.strategy, record.facts).trace.hits
