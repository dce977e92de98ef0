"""The guide to the strategy language, held against the language itself."""

import re
from pathlib import Path

import msgspec
import pytest

from router.errors import StrategyError
from rules.cases import run_cases
from rules.city import load_city
from rules.facts import FACT_BOOK, FLOOR_FACT_BOOK, HANDOVER_FACT_BOOK, WORDS
from rules.proof.findings import CODES
from rules.strategy import Capture, FloorThen, HandOver, Limit, Outcome
from tests.rules.spoiled_city import EXAMPLE, copy_city

GUIDE = (Path(__file__).parents[2] / "docs/strategy.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
META = '[meta]\nversion = "guide"\ndefault_queue = "generalist"\n\n'


def test_every_example_is_a_strategy_of_the_example_city(tmp_path: Path) -> None:
    """All examples of the guide together load in the example city, and the case among them passes."""
    folder = copy_city(tmp_path)
    _ = (folder / "strategy.toml").write_text(META + "\n".join(EXAMPLES), encoding="utf-8")
    city = load_city(folder)
    strategy = city.strategy.strategy

    assert (len(strategy.rules), len(strategy.floor_rules), len(strategy.handover_rules)) == (3, 1, 1)
    assert [result.ok for result in run_cases(city)] == [True]


@pytest.mark.parametrize(
    "book", [FACT_BOOK, FLOOR_FACT_BOOK, HANDOVER_FACT_BOOK], ids=["contacts", "floor", "handovers"]
)
def test_every_fact_stands_in_the_guide_as_it_is(book: dict[str, tuple[str, str, str]]) -> None:
    """Name, kind, who supplies it and what it says are the guide's very row."""
    for name, (kind, source, says) in book.items():
        assert f"| `{name}` | {kind} | {source} | {says} |" in GUIDE, name


def test_every_word_of_an_outcome_stands_in_the_guide() -> None:
    """Nothing can be said that the guide does not explain, and every closed word of a fact is known to one."""
    kinds = (Outcome, FloorThen, Limit, Capture, HandOver)
    words = [field.name for kind in kinds for field in msgspec.structs.fields(kind)]
    missing = [word for word in words if not re.search(rf"[`.]{word}`|`{word} = |\b{word} = ", GUIDE)]

    assert missing == []
    assert set(WORDS) <= {*FACT_BOOK, "calendar"}


def test_the_mistakes_of_the_guide_are_the_ones_that_are_told(tmp_path: Path) -> None:
    """Each line under Mistakes is what loading says about that very mistake."""
    lines = re.findall(r"```text\n(.*?)```", GUIDE, re.DOTALL)[0].splitlines()
    spoiled = (("finska", 'queue = "finska"', 'queue = "finsk"'), ("K05", 'topic = "OMS.LAR"', 'topc = "OMS.LAR"'))
    spoiled += (("K42", 'waiting = ">=3"', 'waitng = ">=3"'),)
    for number, (line, (_, old, new)) in enumerate(zip(lines, spoiled, strict=True)):
        folder = copy_city(tmp_path / str(number))
        text = (EXAMPLE / "strategy.toml").read_text(encoding="utf-8")
        _ = (folder / "strategy.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(StrategyError) as error:
            _ = load_city(folder)
        assert error.value.detail == line


def test_every_finding_stands_in_the_guide_with_its_level() -> None:
    """The table under Mistakes it finds has each code once, with the level that it is reported with."""
    table = GUIDE.partition("## Mistakes it finds")[2]
    rows = re.findall(r"^\| (`.*?) \| (error|warning) \|", table, re.MULTILINE)
    kinds = r"`([a-z]+_)…`"
    told = {code: level for cell, level in rows for code in re.findall(r"`([a-z_]+)`", cell)}
    told |= {f"{kind}never_named": level for cell, level in rows for kind in re.findall(kinds, cell)}

    assert told == dict(CODES)
