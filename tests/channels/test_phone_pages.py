"""The operators' pages of the phone adapters are true: their settings are taken, and no setting is left out."""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from channels.adapters import ADAPTERS, settings_of

PAGES = Path(__file__).parents[2] / "docs/channels"
ON_PAGE = {"asterisk": "asterisk.md", "elks": "elks.md", "elks_sms": "elks.md"}


def page(name: str) -> str:
    """The page of an adapter."""
    return (PAGES / ON_PAGE[name]).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(ON_PAGE))
def test_the_settings_of_a_page_are_taken(name: str) -> None:
    """Its TOML, put together, is a configuration that the adapter opens with."""
    text = "\n".join(re.findall(r"```toml\n(.*?)```", page(name), re.DOTALL))
    document: dict[str, Any] = tomllib.loads(text)
    adapter, settings = settings_of(name, document["channels"][name])
    assert isinstance(settings, adapter.settings)


@pytest.mark.parametrize("name", sorted(ON_PAGE))
def test_every_setting_is_named(name: str) -> None:
    """A key that can be set stands on the page."""
    keys = {field.name for field in msgspec.structs.fields(ADAPTERS[name].settings)}
    assert keys
    assert not {key for key in keys if f"`{key}`" not in page(name)}
