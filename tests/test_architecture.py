"""ARCHITECTURE.md tells the truth about the state tables."""

from pathlib import Path

import pytest

from router.lifecycle import MACHINES, mermaid

TEXT = (Path(__file__).parent.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("machine", sorted(MACHINES))
def test_every_machine_is_drawn_from_its_table(machine: str) -> None:
    """The diagram of each machine in ARCHITECTURE.md is the one that its table draws."""
    assert f"```mermaid\n{mermaid(machine)}\n```" in TEXT
