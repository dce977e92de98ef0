"""Law 6: the same facts and the same strategy version give the same decision, today and next year."""

import subprocess
import sys

import msgspec

from router.config import example_city
from router.records import DecisionRecord
from rules.city import load_city
from rules.decide import decide
from tests.laws.house import House
from tests.laws.storm import Storm
from tests.rules.random_facts import any_facts, seeded

_record = msgspec.json.Decoder(DecisionRecord)
_encode = msgspec.json.Encoder(order="deterministic").encode
DECIDE = """
import sys, msgspec
from router.config import example_city
from rules.city import load_city
from rules.decide import decide
city = load_city(example_city())
facts = msgspec.json.decode(sys.stdin.buffer.read())
encode = msgspec.json.Encoder(order="deterministic").encode
sys.stdout.buffer.write(encode([decide(city.strategy, each) for each in facts]))
"""


async def test_stored_records_can_be_made_again(house: House) -> None:
    """A year later, with other hours of the day, a record's facts give the record's decision."""
    await Storm(house, 6).blow(120)
    house.clock.advance_s(365 * 86_400)
    entries = [entry for entry in await house.journal() if entry.command == "receive_contact"]
    records = [_record.decode(bytes(entry.data.decision or b"")) for entry in entries]
    assert len(records) > 10
    again = load_city(example_city())
    assert [decide(again.strategy, record.facts) for record in records] == [record.decision for record in records]


def test_thousands_of_records_can_be_made_again() -> None:
    """Whatever was known, odd facts too: written down and read back, facts and version give the very same decision."""
    first, again = (load_city(example_city()).strategy for _ in range(2))
    random = seeded(6)
    for _ in range(4_000):
        facts = any_facts(random)
        stored = _encode(DecisionRecord(decide(first, facts), {k: v for k, v in facts.items() if v is not None}))
        record = _record.decode(stored)
        assert decide(again, record.facts) == record.decision
        assert record.decision.trace.strategy_hash == again.hash


def test_another_process_decides_the_same() -> None:
    """Neither the order of dicts nor the seed of hashes has a say: every case of the city, in two other processes."""
    city = load_city(example_city())
    facts = [dict(case.facts) for case in city.strategy.strategy.cases]
    here = _encode([decide(city.strategy, each) for each in facts])
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", DECIDE],
            input=_encode(facts),
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        )
        assert done.stdout == here


def test_the_strategy_is_named_by_its_content() -> None:
    """Loaded twice it has the same hash: the version in a record says which words were in force."""
    assert load_city(example_city()).strategy.hash == load_city(example_city()).strategy.hash
