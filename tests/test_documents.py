"""What people read beside the code: no line twice, no link to nowhere, every setting of a channel on its page."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast, get_args

import msgspec
import pytest

from channels.adapters import ADAPTERS
from router.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md")])
ADAPTER_PAGES = {name: "elks" if name == "elks_sms" else name for name in ADAPTERS}
SAID_TWICE = {"that that", "had had"}
TOLD_OUT_OF_CODE = 40
"""Lines shorter than this may be the same by chance."""


def prose(page: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines outside of code."""
    is_code = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        is_code ^= line.lstrip().startswith("```")
        if not is_code:
            yield number, line


def tables(page: Path) -> list[tuple[int, str]]:
    """Rows of tables."""
    return [(number, line) for number, line in prose(page) if line.startswith("|")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_nothing_is_said_twice(page: Path) -> None:
    """Under one heading no line stands twice, in one row no link, and nowhere one word twice running."""
    seen: dict[str, int] = {}
    for number, line in prose(page):
        if line.startswith("#"):
            seen = {}
        elif len(line) > TOLD_OUT_OF_CODE:
            assert line not in seen, f"{page.name}: {number} says what {seen[line]} says"
            seen[line] = number
        twice = {found[0].lower() for found in re.finditer(r"\b([^\W\d]+) \1\b", line)} - SAID_TWICE
        assert not twice, f"{page.name}:{number}: {twice}"
        links = re.findall(r"\]\(([^)]+)\)", line)
        assert not line.startswith("|") or len(links) == len(set(links)), f"{page.name}:{number}: a link twice"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_tables_are_whole(page: Path) -> None:
    """Every row belongs to a table with a head, and names in the first column but once."""
    rows = tables(page)
    text = page.read_text(encoding="utf-8").splitlines()
    for number, line in rows:
        above = text[number - 2] if number > 1 else ""
        is_head = set(text[number]) <= set("|-: ") if number < len(text) else False
        assert above.startswith("|") or is_head, f"{page.name}:{number}: a row without its table"
        columns = len(re.sub(r"\\\||`[^`]*`", "", line).split("|"))
        if above.startswith("|"):
            assert columns == len(re.sub(r"\\\||`[^`]*`", "", above).split("|")), f"{page.name}:{number}: columns"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file or a heading of ours has something at its end."""
    for found in re.finditer(r"\]\(([^)#\s]*)(?:#([^)]*))?\)", page.read_text(encoding="utf-8")):
        where, heading = found[1], found[2]
        if where.startswith(("http:", "https:", "mailto:")):
            continue
        target = (page.parent / where) if where else page
        assert target.exists(), f"{page.name}: {found[0]}"
        if heading:
            titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
            assert heading in anchors, f"{page.name}: {found[0]}"


# Settings of channels -------------------------------------------------------------------------------------------------


def structs_in(kind: object) -> Iterator[type[msgspec.Struct]]:
    """A settings class, and those of the tables below it."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
        for each in msgspec.structs.fields(kind):
            yield from structs_in(each.type)
        return
    for part in get_args(kind):
        yield from structs_in(part)


def page_of(adapter: str) -> str:
    """The adapter's page."""
    return (ROOT / f"docs/channels/{ADAPTER_PAGES[adapter]}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_every_setting_is_on_its_page(adapter: str) -> None:
    """What the struct of a channel can be set to, tables below it too, is named on the channel's page."""
    page = page_of(adapter)
    code = "\n".join(re.findall(r"```toml\n(.*?)```", page, re.DOTALL)) + " ".join(re.findall(r"`([^`\n]+)`", page))
    words = set(re.findall(r"[a-z0-9_]+", code))
    for kind in dict.fromkeys(structs_in(ADAPTERS[adapter].settings)):
        names = {each.encode_name for each in msgspec.structs.fields(kind)}
        assert names <= words, f"{adapter}: {kind.__name__} has {sorted(names - words)}"


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_every_setting_on_its_page_is_one(adapter: str) -> None:
    """What a page's examples and tables of settings name can be set."""
    page = page_of(adapter)
    known = {
        each.encode_name for kind in structs_in(ADAPTERS[adapter].settings) for each in msgspec.structs.fields(kind)
    }
    for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL):
        is_comment = all(line.startswith("#") for line in block.splitlines())
        bare = "\n".join(re.sub(r"^# ?", "", line) if is_comment else line for line in block.splitlines())
        table = cast("Mapping[str, Mapping[str, object]]", tomllib.loads(bare)).get("channels", {}).get(adapter)
        if table is not None:
            assert set(cast("Mapping[str, object]", table)) <= known, adapter
    if ADAPTER_PAGES[adapter] == adapter:
        for heading in re.findall(r"\| key \| default \| meaning \|\n\|[-| ]+\n((?:\|.*\n)+)", page):
            named = [row.split("|")[1] for row in heading.splitlines()]
            keys = {name.partition(".")[0] for cell in named for name in re.findall(r"`([^`]+)`", cell)}
            assert keys <= known, f"{adapter}: {sorted(keys - known)}"


def test_the_list_of_channels_is_whole() -> None:
    """The overview has each adapter once, with its channel's code and a link to its page."""
    rows = [line for _, line in tables(ROOT / "docs/channels.md")]
    named = [found[1] for row in rows if (found := re.match(r"\| `(\w+)` \| \w+ \|.*\.md\)", row))]
    assert sorted(named) == sorted(ADAPTERS)


def test_the_commands_of_the_readme_exist() -> None:
    """Each command in the table is one, and each command is in the table."""
    said = set(re.findall(r"^\| `servicecenter (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert said == set(COMMANDS)
