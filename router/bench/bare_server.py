"""The peer of intake: the same HTTP server without a store. Checks the token, decodes the envelope, answers 202.

Started as `python -m router.bench.bare_server`; the signing key is the first line of stdin, its end ends the process.
"""

import asyncio
import os
import sys

import msgspec
import uvloop
from aiohttp import web

from channels.cloudevents.wire import parse
from router.clock import SystemClock
from router.config import HttpConfig
from router.http.auth import Tokens, caller_of
from router.http.problems import problems, reply

Answer = dict[str, object]


def application(secret: bytes) -> web.Application:
    """One address, with the middleware of the service."""
    tokens = Tokens(secret, SystemClock())

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        caller_of(request, tokens, "integration")
        events, _ = parse({name.lower(): value for name, value in request.headers.items()}, body)
        return reply({"accepted": len(events), "ids": [event.id for event in events]}, 202)

    app = web.Application(middlewares=[problems], client_max_size=HttpConfig().max_body_bytes)
    app.add_routes([web.post("/v1/events", take)])
    return app


async def serve() -> None:
    """Serve until stdin ends."""
    secret = bytes.fromhex(sys.stdin.readline().strip())
    runner = web.AppRunner(application(secret), access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    ready = {"url": f"http://127.0.0.1:{runner.addresses[0][1]}", "pid": os.getpid()}
    sys.stdout.write(msgspec.json.encode(ready).decode() + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    uvloop.run(serve())
