"""The widget in a real browser: Debian's Chromium, a host page of another origin, and what a resident does there."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from channels.chat.settings import ChatSettings
from channels.inbound import Attachment
from tests.channels.chat.chat_house import ChatHouse
from tests.journeys.waiting import eventually

CHROMIUM = "/usr/bin/chromium"
HAS_CHROMIUM = Path(CHROMIUM).exists()
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
OF_THE_NETWORK = ("WebSocket connection to", "Failed to load resource")
"""What a browser says when a test has broken something on purpose."""
POLICY = "default-src 'none'; script-src {0}; connect-src {0} {1}; require-trusted-types-for 'script'"
HOSTILE = "*{font-size:30px!important;color:red!important;margin:40px!important;display:block!important;float:left}"


class Street:
    """A city's page that carries the chat, and a browser that has it open."""

    def __init__(self, house: ChatHouse, browser: Browser) -> None:
        self.house = house
        self.browser = browser
        self.errors: list[str] = []
        """What the browser's console complained about."""

    async def context(self, **options: object) -> BrowserContext:
        """A browser of its own: another resident."""
        return await self.browser.new_context(**options)  # pyright: ignore[reportArgumentType] # the options are many

    async def page(self, context: BrowserContext | None = None, path: str = "/v1/chat/demo", **options: object) -> Page:
        """A page that carries the chat."""
        page = await (context or await self.context(**options)).new_page()
        page.set_default_timeout(10_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        await page.goto(path if path.startswith("http") else self.house.url + path)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    async def cut(self, contact: str) -> None:
        """The network of the page breaks, without goodbye."""
        session = self.house.chat.chats.of(contact)
        assert session is not None
        assert session._transport is not None
        session._transport.abort()
        await self.until_gone(contact)

    async def until_gone(self, contact: str) -> None:
        """The router has noticed that the page is gone."""
        session = self.house.chat.chats.of(contact)
        assert session is not None

        async def is_noticed() -> bool:
            return session.socket is None

        await eventually(is_noticed)

    async def give(self, contact: str, name: str, body: bytes) -> None:
        """The agent sends a file."""
        inbox = self.house.inbox
        file = Attachment(name, "application/pdf", len(body), blob=(await inbox.keep(body)).blob)
        await self.house.chat.send(inbox.answer_with(contact, "Se bifogat", file))

    async def contact(self, number: int = 1) -> str:
        """The contact that the page has begun."""
        name = f"c{number:02d}"

        async def probe() -> str:
            return name if name in self.house.inbox.contacts else ""

        return await eventually(probe)


@asynccontextmanager
async def chromium() -> AsyncGenerator[Browser]:
    """The browser; skips where there is none."""
    if not HAS_CHROMIUM:
        pytest.skip("needs Debian's Chromium in /usr/bin")
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def street(browser: Browser, settings: ChatSettings | None = None) -> AsyncGenerator[Street]:
    """A chat and a browser's windows, and nothing left of either."""
    house = ChatHouse(settings)
    await house.router()
    here = Street(house, browser)
    try:
        yield here
        assert not [error for error in here.errors if not error.startswith(OF_THE_NETWORK)]
    finally:
        for context in browser.contexts:
            await context.close()
        await house.close()


@asynccontextmanager
async def host_page(html: str, headers: Mapping[str, str], port: int | None = None) -> AsyncGenerator[str]:
    """A page of another origin; its address."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html", headers=headers)

    app = web.Application()
    app.router.add_get("/", answer)
    server = TestServer(app, port=port)
    await server.start_server()
    try:
        yield str(server.make_url("/"))
    finally:
        await server.close()
