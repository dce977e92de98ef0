"""Power cuts in the middle of chats: what a page was told has arrived is there; what it sends again is there once."""

import asyncio
import os
import signal

import aiohttp
import msgspec

from tests.channels.chat.chat_house import Page
from tests.faults.conftest import Launch
from tests.faults.evidence import broken, journal

PAGES, WORDS = 8, 12


class Writer:
    """A page that writes as fast as it may, and keeps what was not answered, as the widget does."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.token = ""
        self.commands = {f"p{number}w{i}": f"ord {i} av {number}" for i in range(WORDS)}
        self.answered: set[str] = set()

    async def write(self, client: aiohttp.ClientSession, url: str) -> None:
        """Come (back), begin if it was not answered, and send everything that was not answered."""
        page = Page(await client.ws_connect(f"{url}/v1/chat", max_msg_size=0))
        await page.frame("hello")
        await page.say(t="auth", token=self.token)
        await page.frame("ready")
        self.token = page.token
        start = f"p{self.number}start"
        if start not in self.answered:
            started = await page.done("chat.start", {"text": f"början {self.number}"}, start)
            self.token = started["token"]
            self.answered.add(start)
        for ident, text in self.commands.items():
            if ident not in self.answered:
                await page.done("message.send", {"text": text}, ident)
                self.answered.add(ident)

    async def read(self, client: aiohttp.ClientSession, url: str) -> list[str]:
        """What the page shows after a reload."""
        page = Page(await client.ws_connect(f"{url}/v1/chat", max_msg_size=0))
        await page.frame("hello")
        await page.say(t="auth", token=self.token)
        await page.frame("ready")
        await page.socket.close()
        return [each["text"] for each in page.snapshot["messages"]]


async def test_no_word_is_lost_or_doubled_by_a_power_cut(launch: Launch) -> None:
    """Router and store are killed while eight pages write, twice; afterwards every word is there, once and in order."""
    service = launch(CHANNELS__CHAT__FRAMES_PER_S="1000", CHANNELS__CHAT__FRAMES_BURST="1000")
    writers = [Writer(number) for number in range(PAGES)]
    async with aiohttp.ClientSession() as client:
        for wanted in (PAGES, PAGES * WORDS // 2):
            tasks = [asyncio.create_task(writer.write(client, service.url)) for writer in writers]
            while sum(len(writer.answered) for writer in writers) < wanted and not all(task.done() for task in tasks):
                await asyncio.wait(tasks, timeout=0.001)
            os.kill(service.store_pid, signal.SIGKILL)
            await asyncio.to_thread(service.kill)
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.to_thread(service.start)
        assert any(len(writer.answered) < WORDS for writer in writers), "everything was said before the power went"
        await asyncio.gather(*(writer.write(client, service.url) for writer in writers))
        shown = await asyncio.gather(*(writer.read(client, service.url) for writer in writers))

    for writer, texts in zip(writers, shown, strict=True):
        assert texts == [f"början {writer.number}", *writer.commands.values()]
    entries = await journal(service.store_url)
    assert broken(entries) == []
    assert b"ord 1 av" not in msgspec.json.encode([str(entry) for entry in entries])
