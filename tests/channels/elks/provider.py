"""46elks as far as our webhooks see it: posts forms where it was told to, remembers what it was asked to send."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from channels.base import Channel
from channels.serving import Serves
from router.http.problems import problems

USER, PASSWORD = "elks", "made-up-password"
NUMBER, SECRET = "+46701740600", "s3cret-of-this-number"
WEBHOOKS: Mapping[str, Any] = {
    "user": USER,
    "password": PASSWORD,
    "numbers": [{"number": NUMBER, "secret": SECRET}],
}
CREDENTIALS = aiohttp.encode_basic_auth(USER, PASSWORD)
Action = dict[str, Any]


class Provider:
    """Posts webhooks; addresses carry their credentials, as 46elks is given them."""

    def __init__(self, http: aiohttp.ClientSession, root: str) -> None:
        self._http = http
        self._root = root

    async def post(
        self, address: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """One webhook: status and answer."""
        url = URL(address if "://" in address else f"http://{USER}:{PASSWORD}@x{self._root}/{SECRET}/{address}")
        sent = {"Authorization": aiohttp.encode_basic_auth(url.user or "", url.password or "")} | dict(headers or {})
        here = self._http._base_url
        assert here is not None
        async with self._http.post(here.join(url.relative()), data=dict(form), headers=sent) as answer:
            is_json = answer.content_type.endswith("json")
            return answer.status, await answer.json(content_type=None) if is_json else await answer.read()

    async def action(self, address: str, **form: str) -> Action:
        """A webhook that is answered with an action."""
        status, found = await self.post(address, form)
        assert status == 200, found
        return found


@asynccontextmanager
async def provider(channel: Channel, root: str) -> AsyncGenerator[Provider]:
    """The adapter behind a server of its own."""
    assert isinstance(channel, Serves)
    async with AsyncExitStack() as stack:
        app = web.Application(middlewares=[problems])
        app.router.add_routes(channel.routes())
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await channel.start()
        stack.push_async_callback(channel.stop)
        base = URL(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        yield Provider(await stack.enter_async_context(aiohttp.ClientSession(base)), root)
