"""What the store can still take, and what no text of ours may hold: asked before anything is taken in. Pure."""

import re

import msgspec

from router.errors import MalformedBody, Overloaded

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Pressure(msgspec.Struct):
    """Filled by the watch on memory, disk and register."""

    refuses_written: bool = False
    refuses_all: bool = False

    def check(self, medium: str) -> None:
        """Whether a new contact of this medium can be taken; open work always passes.

        Raises:
            Overloaded: the store is nearly full.
        """
        if self.refuses_all or (self.refuses_written and medium == "written"):
            raise Overloaded("the store is nearly full")


def refuse_nul(body: bytes) -> None:
    """No text of ours holds U+0000: databases refuse it long after the sender was told that all is well.

    Raises:
        MalformedBody: the body holds it, as it is or escaped.
    """
    if b"\0" in body or (b"\\u0000" in body and _NUL.search(body)):
        raise MalformedBody("U+0000 is not taken", field="$")
