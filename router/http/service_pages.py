"""`/api-info`, `/healthz`, `/readyz` and the two descriptions of the interfaces."""

import asyncio
from functools import cache

import msgspec
from aiohttp import web

from router import __version__
from router.errors import ServicecenterError
from router.http.asyncapi import asyncapi
from router.http.openapi import openapi
from router.http.problems import reply
from router.lines import Lines
from router.projector_child import ProjectorChild
from router.store.embedded import EmbeddedStore
from router.store.redis_store import Store
from router.timers import Leadership
from rules.city import City


@cache
def _openapi_body() -> bytes:
    """Called in a thread: to build a document takes longer than any desktop may wait."""
    return msgspec.json.encode(openapi())


@cache
def _asyncapi_body() -> bytes:
    return msgspec.json.encode(asyncapi())


def _document(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


class Health:
    """What the service depends on, and how it fares."""

    def __init__(
        self,
        store: Store,
        leadership: Leadership,
        projector: ProjectorChild,
        embedded: EmbeddedStore | None,
        lines: Lines,
    ) -> None:
        self._store = store
        self._leadership = leadership
        self._projector = projector
        self._embedded = embedded
        self._lines = lines

    async def parts(self) -> dict[str, str]:
        """Each part: `ok`, or what is wrong with it."""
        try:
            await self._store.position()
            store = "ok"
        except ServicecenterError as error:
            store = error.slug
        beat = self._projector.last
        register = "starting" if beat is None else (beat.stall or beat.state)
        found = {"store": store, "register": "ok" if register in {"running", "standby"} else register}
        if self._embedded is not None:
            found["embedded_store"] = "ok" if self._embedded.state == "running" else self._embedded.state
        for line in self._lines.all:
            health = line.health
            found[f"channel_{line.name}"] = "ok" if health.state == "up" else health.reason or health.state
        return found

    @property
    def is_leader(self) -> bool:
        """Whether this router plans and sweeps."""
        return self._leadership.is_leader


class ServicePages:
    """About the service itself."""

    def __init__(self, health: Health, city: City) -> None:
        self._health = health
        self._city = city

    async def healthz(self, request: web.Request) -> web.Response:
        """The process answers."""
        del request
        return reply({"status": "ok"})

    async def readyz(self, request: web.Request) -> web.Response:
        """Contacts can be taken in: the store answers. A register that is away is told, and no reason to stop."""
        del request
        parts = await self._health.parts()
        is_ready = parts["store"] == "ok"
        body = {"status": "ready" if is_ready else "unavailable", "leader": self._health.is_leader, "parts": parts}
        return reply(body, 200 if is_ready else 503)

    async def api_info(self, request: web.Request) -> web.Response:
        """Which API this is."""
        del request
        return reply(
            {
                "apiName": "servicecenter",
                "apiVersion": __version__,
                "apiReleased": "2026-11-22",
                "apiDocumentation": "/v1/openapi.json",
                "apiStatus": "active",
            }
        )

    async def openapi(self, request: web.Request) -> web.Response:
        """The OpenAPI document."""
        del request
        return _document(await asyncio.to_thread(_openapi_body))

    async def asyncapi(self, request: web.Request) -> web.Response:
        """The AsyncAPI document."""
        del request
        return _document(await asyncio.to_thread(_asyncapi_body))
