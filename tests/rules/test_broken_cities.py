"""Whatever is wrong with a city is told by the right finding, about the right rule, in words that say where."""

import os
import unicodedata
from pathlib import Path

import pytest

from rules.check import check_city
from rules.proof.findings import CODES
from tests.rules.broken_cities import Broken, broken_cities
from tests.rules.spoiled_city import EXAMPLE, copy_city

CITIES = {each.name: each for each in broken_cities()}
WITHOUT_CONTACT = frozenset({"not_loaded", "no_such_figure"})
"""What is about no contact."""
STRATEGY = (EXAMPLE / "strategy.toml").read_bytes()
UNREADABLE: dict[str, tuple[bytes, str]] = {
    "saved in another encoding": (STRATEGY.decode().encode("latin-1", "replace"), "UTF-8, line 8"),
    "saved as UTF-16": (STRATEGY.decode().encode("utf-16"), "UTF-8"),
    "with a NUL": (STRATEGY + b"\0", "expected TOML"),
    "empty": (b"", "[meta]"),
    "greater than any strategy": (STRATEGY + b"# " + b"x" * 5_000_000, "at most 4 MB"),
    "of too many rules": (
        STRATEGY + b"".join(b'[[rule]]\nid = "Y%d"\ntier = "E"\nthen = { mask = true }\n' % n for n in range(2_000)),
        "at most 1000 rows",
    ),
    "of brackets in brackets": (STRATEGY + b"x = " + b"[" * 50_000 + b"]" * 50_000, "fewer brackets"),
    "of tables in tables": (STRATEGY + b"[[rule]]\n" + b"a." * 3_000 + b"a = 1", "fewer brackets"),
    "with a number of five thousand digits": (
        STRATEGY.replace(b"target_s = 120", b"target_s = " + b"9" * 5_000),
        "nobody",
    ),
    "with a range of five thousand digits": (STRATEGY.replace(b'"<3"', b'"<' + b"9" * 5_000 + b'"'), "a range such as"),
    "with an age of the world": (STRATEGY.replace(b"target_s = 120", b"target_s = 99999999999999999999"), "ten years"),
}


@pytest.mark.parametrize("broken", CITIES.values(), ids=CITIES.keys())
def test_a_broken_city_is_told_by_the_right_finding(broken: Broken, tmp_path: Path) -> None:
    """The code, the rule and the cell are the ones that were broken, with a contact that shows what goes wrong."""
    folder = copy_city(tmp_path)
    broken.put_into(folder)
    report = check_city(folder, "en")
    told = [each for each in report.findings if each.code == broken.finding and each.rule == broken.rule]

    assert any(all(part in each.text for part in broken.says) for each in told), report.findings
    assert report.ok == (not any(each.level == "error" for each in report.findings))
    assert report.ok <= (CODES[broken.finding] == "warning")
    assert broken.finding in WITHOUT_CONTACT or all(each.example for each in told)


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_can_t_be_read_is_refused_by_name(name: str, tmp_path: Path) -> None:
    """Bytes that are no strategy give one finding that names the file and what was expected, and no crash."""
    octets, said = UNREADABLE[name]
    folder = copy_city(tmp_path)
    _ = (folder / "strategy.toml").write_bytes(octets)
    found = check_city(folder, "en").findings

    assert [each.code for each in found] == ["not_loaded"]
    assert found[0].text.startswith("strategy.toml")
    assert said in found[0].text


def test_marks_and_line_ends_of_other_editors_change_nothing(tmp_path: Path) -> None:
    """A file with a byte order mark, carriage returns and letters in two parts is the same strategy."""
    folder = copy_city(tmp_path)
    apart = unicodedata.normalize("NFD", STRATEGY.decode()).encode()
    _ = (folder / "strategy.toml").write_bytes(b"\xef\xbb\xbf" + apart.replace(b"\n", b"\r\n"))
    report = check_city(folder, "en")

    assert report.findings == ()
    assert report.strategy_hash == check_city(EXAMPLE, "en").strategy_hash


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    """A folder, a pipe that nobody writes to, and nothing at all in the strategy's place are mistakes, not a wait."""
    folder = copy_city(tmp_path)
    file = folder / "strategy.toml"
    file.unlink()
    texts = [check_city(folder, "en").findings[0].text]
    file.mkdir()
    texts.append(check_city(folder, "en").findings[0].text)
    file.rmdir()
    os.mkfifo(file)
    texts.append(check_city(folder, "en").findings[0].text)

    assert "expected this file" in texts[0]
    assert all("expected a file, got a folder" in text for text in texts[1:])
