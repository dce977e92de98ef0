"""Broken cities: small edits of the example city, kept as TOML beside, each with the finding that must name it."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.rules.spoiled_city import spoil

FOLDER = Path(__file__).parent / "broken"


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words put in place of others in one file of the city, or at its end."""

    file: str
    new: str
    old: str = ""
    everywhere: bool = False


class Broken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One broken city: the edits, the code that must be found, the rule it is about and what must be said."""

    name: str
    finding: str
    edit: tuple[Edit, ...]
    rule: str = ""
    says: tuple[str, ...] = ()

    def put_into(self, folder: Path) -> None:
        """Make the edits in a copy of the example city."""
        for each in self.edit:
            if each.old:
                spoil(folder, each.file, each.old, each.new, everywhere=each.everywhere)
            else:
                with (folder / each.file).open("a", encoding="utf-8") as end:
                    _ = end.write(f"\n{each.new}\n")


def broken_cities() -> Iterator[Broken]:
    """All of them, file by file."""
    for file in sorted(FOLDER.glob("*.toml")):
        yield from msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8"))["broken"], tuple[Broken, ...])
