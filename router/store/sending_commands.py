"""Commands on words for the resident: written, owed, and what became of them."""

from typing import Literal, cast

from router.journal import EntryData, encode_data
from router.store.keys import UPLOAD_TTL_MS
from router.store.runner import Done, Runner

SendingEvent = Literal["send", "put_off", "deliver", "fail"]


class SendingCommands:
    """What is written to residents, and how it gets there. A sending is `<contact>.m<number of its record>`."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._keys = runner.keys

    async def send_message(
        self, contact: str, agent: str, number: int, record: bytes, data: EntryData, *, is_owed: bool
    ) -> Done:
        """An agent's words; `is_owed` when the channel sends them later."""
        return await self._runner.on_contact(
            "send_message",
            self._with_content(contact),
            (contact, agent, number, record, int(is_owed), encode_data(data)),
        )

    async def owe_message(self, contact: str, kind: str, number: int, record: bytes, data: EntryData) -> Done:
        """The service's own words; `Done.number` is that of the record, also when this kind was owed before."""
        return await self._runner.on_contact(
            "owe_message", self._with_content(contact), (contact, kind, number, record, encode_data(data))
        )

    async def record_sending(
        self, contact: str, number: int, event: SendingEvent, data: EntryData, *, retry_at: int = 0
    ) -> Done:
        """What became of them; `retry_at` (epoch ms) is when words that were put off are tried again.

        Raises:
            NotFound: nothing is owed under this number.
            TransitionRefused: it was sent, or failed, already.
        """
        keys = self._keys
        return await self._runner.on_contact(
            "record_sending",
            (keys.contact(contact), keys.deadlines, keys.seq, keys.journal),
            (contact, number, event, retry_at, encode_data(data)),
        )

    async def put_upload(self, contact: str, blob: str, upload: bytes) -> None:
        """Keep what an agent may send with their words; forgotten by itself."""
        await self._runner.write("SET", self._keys.upload(contact, blob), upload, "PX", UPLOAD_TTL_MS)

    async def upload(self, contact: str, blob: str) -> bytes:
        """What was kept of this file for this contact; empty when nothing was, or it is too old."""
        return cast("bytes | None", await self._runner.read("GET", self._keys.upload(contact, blob))) or b""

    async def state(self, contact: str, number: int) -> tuple[str, int]:
        """State of a sending and how often it was tried; empty when there is none."""
        found = cast("bytes | None", await self._runner.read("HGET", self._keys.contact(contact), f"sending:{number}"))
        state, _, rev = (found or b"").decode().partition(" ")
        return state, int(rev or 1) - 1

    def _with_content(self, contact: str) -> tuple[str, ...]:
        keys = self._keys
        return (keys.contact(contact), keys.content(contact), keys.deadlines, keys.seq, keys.journal)
