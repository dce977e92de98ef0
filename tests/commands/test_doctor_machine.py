import asyncio
import json
import subprocess
from pathlib import Path

import msgspec
import pytest

from router.cli import run_command
from router.commands.doctor import machine
from router.config import HttpConfig
from router.store.embedded import EmbeddedStore
from tests.rules.spoiled_city import copy_city, spoil


def test_a_wrong_key_is_named_as_the_one_finding(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A configuration that can't be read is a finding with the key in it, not a crash."""
    monkeypatch.setenv("SERVICECENTER_HTTP__PROT", "1")
    assert run_command(["doctor", "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert finding["status"] == "error"
    assert "SERVICECENTER_HTTP__PROT" in finding["found"]


def test_other_commands_still_refuse_a_wrong_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the doctor goes on with a configuration that can't be read."""
    monkeypatch.setenv("SERVICECENTER_HTTP__PROT", "1")
    assert run_command(["rules", "check"]) == 2
    assert "SERVICECENTER_HTTP__PROT" in capsys.readouterr().err


def test_a_variable_that_nothing_reads_is_named() -> None:
    """One underscore too few would otherwise be ignored in silence."""
    finding = machine.configuration("", {"SERVICECENTER_HTTP_PORT": "1", "SERVICECENTER_HTTP__HOST": "h"})
    assert finding.status == "warning"
    assert "SERVICECENTER_HTTP_PORT" in finding.found
    assert machine.configuration("a.toml", {"SERVICECENTER_HTTP__HOST": "h"}).status == "ok"


def test_a_broken_city_is_told_with_the_mistake(tmp_path: Path) -> None:
    """A rule that names a queue which does not exist is found before the service is started."""
    folder = copy_city(tmp_path)
    assert machine.city(folder).status == "ok"
    spoil(folder, "strategy.toml", 'default_queue = "', 'default_queue = "no_')
    finding = machine.city(folder)
    assert finding.status == "error"
    assert "no_" in finding.found


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a place where not even root can write")
def test_a_data_directory_that_cannot_be_written_is_an_error() -> None:
    """Existing or still to be made: whoever can't write there can't serve from there."""
    assert machine.data_directory(Path("/proc/self")).status == "error"
    assert machine.data_directory(Path("/proc/self/servicecenter")).status == "error"
    assert machine.blobs(Path("/proc/self")).status == "error"
    assert machine.blobs(Path("/proc/self/blobs")).status == "error"


def test_a_blobs_directory_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    """Something else lies where long mails should go."""
    (tmp_path / "blobs").write_bytes(b"")
    assert machine.blobs(tmp_path / "blobs").status == "error"
    assert machine.blobs(tmp_path).status == "ok"


async def test_who_holds_the_directory_is_told_and_looking_does_not_take_it(tmp_path: Path) -> None:
    """The pid of the holder while there is one; a look leaves the lock free for a start."""
    folder = tmp_path / "var"
    server = EmbeddedStore(folder, ballast_bytes=65_536)
    await server.start()
    try:
        assert "held by pid" in machine.data_directory(folder).found
    finally:
        await server.stop()
    assert "nobody holds it" in machine.data_directory(folder).found
    assert machine.ballast(folder).status == "ok"
    await server.start()
    await server.stop()


def test_a_ballast_that_was_given_up_is_missed(tmp_path: Path) -> None:
    """The next full disk would find no reserve."""
    (tmp_path / "store").mkdir()
    assert machine.ballast(tmp_path).status == "warning"


@pytest.mark.parametrize(("free_mib", "status"), [(100_000, "ok"), (800, "warning"), (100, "error")])
def test_a_disk_that_fills_up_is_told_in_time(free_mib: int, status: str) -> None:
    """First a warning, then what the service does about it."""
    assert machine.disk(free_mib * machine.MIB).status == status


async def test_a_port_that_somebody_else_has_is_an_error() -> None:
    """A free port is fine, one where another program answers is not."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = int(server.sockets[0].getsockname()[1])
    finding, is_ours = await machine.port(HttpConfig(port=port))
    assert (finding.status, is_ours) == ("error", False)
    server.close()
    await server.wait_closed()
    finding, is_ours = await machine.port(HttpConfig(port=port))
    assert (finding.status, is_ours) == ("ok", False)


def test_a_look_at_a_stopped_service_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The embedded store is started for the look, its data unchanged, and no process stays."""
    folder = tmp_path / "var"
    monkeypatch.setenv("SERVICECENTER_STORE__DATA_DIR", str(folder))
    monkeypatch.setenv("SERVICECENTER_HTTP__PORT", "0")
    assert run_command(["doctor", "--json"]) == 0
    assert not folder.exists()
    capsys.readouterr()

    async def start_once() -> None:
        server = EmbeddedStore(folder, ballast_bytes=65_536)
        await server.start()
        await server.stop()

    asyncio.run(start_once())
    before = sorted(path.name for path in folder.rglob("*"))
    assert run_command(["doctor", "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)
    assert {"name", "status", "found", "todo"} == set(findings[0])
    names = [finding["name"] for finding in findings]
    assert {"store durability", "leader", "deadlines", "buckets", "register"} <= set(names)
    assert sorted(path.name for path in folder.rglob("*")) == before
    listed = subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True).stdout
    assert str(folder) not in listed


def test_findings_are_told_as_a_table_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without --json people get lines to read."""
    config = tmp_path / "c.toml"
    config.write_text(f'[http]\nport = 0\n[store]\ndata_dir = "{tmp_path / "var"}"\n', encoding="utf-8")
    assert run_command(["doctor", "--config", str(config)]) == 0
    text = capsys.readouterr().out
    assert "data directory" in text
    assert not text.startswith("[")
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(text)
