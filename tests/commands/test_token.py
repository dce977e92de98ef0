"""`servicecenter token create`: tokens that the service of the same data directory takes, and nothing but the token."""

import asyncio
import json
from pathlib import Path

import pytest

from router.cli import run_command
from router.clock import SystemClock
from router.commands.token import read_secret
from router.config import Config, StoreConfig
from router.http.auth import Tokens
from router.store.embedded import EmbeddedStore


def made(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, output and complaints of `token create` on this data directory."""
    file = folder / "servicecenter.toml"
    file.write_text(f'[store]\ndata_dir = "{folder / "var"}"\n', encoding="utf-8")
    status = run_command(["token", "create", "--config", str(file), *arguments])
    told = capsys.readouterr()
    return status, told.out, told.err


def test_a_token_is_made_where_nothing_runs_yet(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It names who holds it, is the same to every router on the directory, and nothing else is said."""
    status, out, err = made(tmp_path, capsys, "--role", "agent", "--name", "Anna.Ek", "--agent-id", "anna")
    assert (status, err) == (0, "")
    config = Config(store=StoreConfig(data_dir=str(tmp_path / "var")))
    caller = Tokens(asyncio.run(read_secret(config)), SystemClock()).check(out.strip())
    assert (caller.role, caller.name, caller.agent) == ("agent", "Anna.Ek", "anna")


def test_a_token_is_made_beside_a_service_that_runs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The store that holds the directory is asked; an integration's answer has the secret that signs its webhooks."""

    async def beside() -> tuple[int, str, str]:
        store = EmbeddedStore(tmp_path / "var")
        await store.start()
        try:
            return await asyncio.to_thread(made, tmp_path, capsys, "--role", "integration", "--name", "pbx", "--json")
        finally:
            await store.stop()

    status, out, err = asyncio.run(beside())
    answer = json.loads(out)
    assert (status, err, answer["role"], answer["name"]) == (0, "", "integration", "pbx")
    assert answer["webhook_secret"].startswith("whsec_")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--role", "agent", "--name", "anna"], "--agent-id"),
        (["--role", "supervisor", "--name", "två ord"], "--name"),
    ],
)
def test_what_makes_no_token_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], said: str
) -> None:
    """A claim that no token can hold is refused by the argument's name."""
    status, out, err = made(tmp_path, capsys, *arguments)
    assert (status, out) == (2, "")
    assert said in err


@pytest.mark.parametrize("place", ["/proc/nowhere", "file", "file/below"])
def test_a_directory_that_can_not_be_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """One line with the key and the place, no trace of the program's inside."""
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("SERVICECENTER_STORE__DATA_DIR", str(tmp_path / place))
    assert run_command(["token", "create", "--role", "supervisor", "--name", "me"]) == 2
    said = capsys.readouterr().err
    assert ("$.store.data_dir" in said, said.count("\n")) == (True, 1)
