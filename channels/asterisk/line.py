"""How Asterisk is reached: requests over HTTP, or over the websocket that Asterisk opened. Waits while it is away."""

import asyncio

import aiohttp
import msgspec
from yarl import URL

from channels.asterisk.connection import Connection
from channels.asterisk.requests import Ask, Reply
from channels.asterisk.settings import AsteriskSettings

LIMIT_S = 5.0
"""For one answer."""
AWAY_S = 30.0
"""How long a request waits for Asterisk to come back."""
HEARTBEAT_S = 15.0
MOST_AT_ONCE = 64
LONGEST_FRAME = 1 << 20


class AriLine:
    """One Asterisk."""

    def __init__(self, plan: AsteriskSettings) -> None:
        self._plan = plan
        self._http: aiohttp.ClientSession | None = None
        self._connection: Connection | None = None
        self._is_up = asyncio.Event()

    def attach(self, connection: Connection) -> None:
        """Somebody answers again."""
        self._connection = connection
        self._is_up.set()

    def detach(self, connection: Connection) -> None:
        """The connection is gone."""
        if self._connection is connection:
            self._connection = None
            self._is_up.clear()

    async def close(self) -> None:
        """Give the connections back."""
        if self._connection is not None:
            await self._connection.close()
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    async def dial(self) -> aiohttp.ClientWebSocketResponse:
        """Open the websocket.

        Raises:
            aiohttp.ClientError, OSError, TimeoutError: Asterisk is away, or does not know us.
        """
        url = URL(self._plan.url) / "events" % {"app": self._plan.app}
        return await self._session().ws_connect(
            url, protocols=("ari",), heartbeat=HEARTBEAT_S, max_msg_size=LONGEST_FRAME, autoping=True
        )

    async def ask(self, asked: Ask) -> Reply:
        """Its answer; status 0 when there was none in time."""
        try:
            async with asyncio.timeout(AWAY_S):
                await self._is_up.wait()
        except TimeoutError:
            return Reply(0)
        if self._plan.mode == "listen":
            connection = self._connection
            return Reply(0) if connection is None else await connection.ask(asked, LIMIT_S)
        return await self._request(asked)

    async def _request(self, asked: Ask) -> Reply:
        url = URL(self._plan.url.rstrip("/") + asked.path, encoded=True).extend_query(dict(asked.query))
        body = msgspec.json.encode(asked.body) if asked.body else None
        headers = {"Content-Type": "application/json"} if body else {}
        try:
            async with self._session().request(asked.method, url, data=body, headers=headers) as answer:
                return Reply(answer.status, await answer.read())
        except (aiohttp.ClientError, OSError, TimeoutError):
            return Reply(0)

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                headers={"Authorization": aiohttp.encode_basic_auth(self._plan.user, self._plan.password)},
                timeout=aiohttp.ClientTimeout(total=LIMIT_S),
                connector=aiohttp.TCPConnector(limit=MOST_AT_ONCE),
            )
        return self._http
