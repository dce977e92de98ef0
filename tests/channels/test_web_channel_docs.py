"""What operators are told to write is what the adapters read, and nothing that can be set is left out."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import msgspec
import pytest

from channels.adapters import ADAPTERS, settings_of
from channels.open311.settings import Attribute, ServiceSetting
from channels.posted.settings import FormSettings, PostedSettings, check

DOCS = Path(__file__).parents[2] / "docs/channels"
Table = Mapping[str, object]
NAMES = ("open311", "posted", "reports")


def section_of(name: str) -> Mapping[str, object]:
    """The adapter's table as its page shows it."""
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    block = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert block is not None
    lines = [re.sub(r"^# ?", "", line) for line in block[1].splitlines()]
    text = "\n".join(lines).replace('"whsec_…"', f'"whsec_{"A" * 32}"')
    return cast("Mapping[str, object]", tomllib.loads(text)["channels"][name])


@pytest.mark.parametrize("name", NAMES)
def test_what_the_page_shows_can_be_read(name: str) -> None:
    """With the marks of comments taken away it is a table that the adapter takes."""
    _, settings = settings_of(name, section_of(name))
    assert isinstance(settings, ADAPTERS[name].settings)
    if isinstance(settings, PostedSettings):
        form = msgspec.structs.replace(settings.forms["bygglov"], answers=False)
        check(msgspec.structs.replace(settings, forms={"bygglov": form}))


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_can_be_set_is_shown(name: str) -> None:
    """Every key of the adapter's settings stands in the page's table."""
    assert {field.name for field in msgspec.structs.fields(ADAPTERS[name].settings)} <= set(section_of(name))


@pytest.mark.parametrize(
    ("kind", "name", "way"),
    [
        (ServiceSetting, "open311", ("services", 0)),
        (Attribute, "open311", ("services", 0, "attributes", 0)),
        (FormSettings, "posted", ("forms", "bygglov")),
    ],
)
def test_so_is_everything_below(kind: type[msgspec.Struct], name: str, way: tuple[str | int, ...]) -> None:
    """The tables inside as well."""
    found: object = section_of(name)
    for step in way:
        found = dict(
            enumerate(cast("list[object]", found)) if isinstance(found, list) else cast("Table", found).items()
        )
        found = cast("Mapping[str | int, object]", found)[step]
    assert {field.name for field in msgspec.structs.fields(kind)} <= set(cast("Table", found))
