"""The configuration: the file that ships is whole, the environment wins, and what is wrong is named."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from router.config import Config, load_config
from router.errors import ConfigurationError

EXAMPLE = Path(__file__).parent.parent / "deploy" / "servicecenter.toml"


def test_no_file_and_no_environment_give_the_defaults() -> None:
    """Everything has a default that works on one machine, reachable from that machine alone."""
    config = load_config(None, {})
    assert config == Config()
    assert config.http.host == "127.0.0.1"
    assert config.register_url == f"sqlite:///{config.data_dir}/register.db"
    assert config.blobs_path == config.data_dir / "blobs"


def test_the_example_is_equal_to_the_defaults() -> None:
    """The commented file says what holds without it."""
    assert load_config(EXAMPLE, {}) == Config()


def test_the_example_covers_every_key_in_order() -> None:
    """Every section and key of the configuration stands in the commented file, and no other."""
    document = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert not document.pop("channels"), "which adapters are opened is everybody's own choice"
    kinds = {section.name: section.type for section in msgspec.structs.fields(Config) if section.name != "channels"}
    sections = {name: msgspec.structs.fields(kind) for name, kind in kinds.items()}
    assert {name: list(keys) for name, keys in document.items()} == {
        name: [field.encode_name for field in fields] for name, fields in sections.items()
    }


def test_an_adapters_settings_may_come_from_the_environment() -> None:
    """`SERVICECENTER_CHANNELS__<ADAPTER>__<KEY>` sets a key of an adapter, which reads it as the key's kind itself."""
    nested = load_config(None, {"SERVICECENTER_CHANNELS__EMAIL__SMARTHOST__PASSWORD": "hemligt"})
    assert nested.channels == {"email": {"smarthost": {"password": "hemligt"}}}
    config = load_config(None, {"SERVICECENTER_CHANNELS__EMAIL__PORT": "2525"})
    assert config.channels == {"email": {"port": "2525"}}


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """A variable replaces the key of the file, is read as the key's kind, and leaves the other keys alone."""
    file = tmp_path / "c.toml"
    file.write_text('[http]\nport = 1\nhost = "0.0.0.0"\n', encoding="utf-8")
    environment = {
        "SERVICECENTER_HTTP__PORT": "9",
        "SERVICECENTER_HTTP__ORIGINS": "https://a.example.se, https://b.example.se",
        "SERVICECENTER_FLOOR__FACTS_TIMEOUT_S": "0.5",
        "SERVICECENTER_TENANT__ID": "7",
        "OTHER_HTTP__PORT": "x",
    }
    config = load_config(file, environment)
    assert (config.http.port, config.http.host) == (9, "0.0.0.0")  # noqa: S104 - a literal of the test's file
    assert config.http.origins == ("https://a.example.se", "https://b.example.se")
    assert (config.floor.facts_timeout_s, config.tenant.id) == (0.5, "7")


@pytest.mark.parametrize(
    ("text", "environment", "field", "words"),
    [
        ("[http]\nport = 70000", {}, "$.http.port", "<= 65535"),
        ("[http]\nports = 1", {}, "$.http", "ports"),
        ("[https]\nport = 1", {}, "$", "https"),
        ("[tenant]\nid = 'Å'", {}, "$.tenant.id", "regex"),
        ("[floor]\nsocket_grace_s = 0", {}, "$.floor.socket_grace_s", "> 0"),
        ("http = 1", {"SERVICECENTER_HTTP__PORT": "1"}, "$.http", "table"),
        ("[http", {}, "--config", "c.toml"),
        ("", {"SERVICECENTER_HTTP__PORT": "x"}, "SERVICECENTER_HTTP__PORT", "int"),
        ("", {"SERVICECENTER_HTTP__PORTS": "1"}, "SERVICECENTER_HTTP__PORTS", "unknown key 'ports' in [http]"),
        ("", {"SERVICECENTER_HTTPS__PORT": "1"}, "SERVICECENTER_HTTPS__PORT", "unknown section 'https'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, environment: dict[str, str], field: str, words: str) -> None:
    """Every error names the offending key or variable and what is expected of it."""
    file = tmp_path / "c.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_config(file, environment)
    assert refused.value.field == field
    assert words in refused.value.detail


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A path that can't be read is an error, never the defaults."""
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml: No such file"):
        load_config(tmp_path / "nowhere.toml", {})
