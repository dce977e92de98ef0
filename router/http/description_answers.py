"""Answers that handlers build as they go, as structs for the description. Only shapes."""

import msgspec

from router.http.contacts import TopicView
from router.http.disturbance_pages import DisturbanceView
from router.http.floor_pages import AgentView, QueueView
from router.register.documents import HandoverDocument


class QueueList(msgspec.Struct, frozen=True):
    """All queues of the city."""

    queues: list[QueueView]
    banners: list[str]
    """Codes that floor rules have the city's web show now, the longest first."""


class TopicList(msgspec.Struct, frozen=True):
    """All topics of the city."""

    topics: list[TopicView]


class DisturbanceList(msgspec.Struct, frozen=True):
    """Everything that is out of order now."""

    items: list[DisturbanceView]


class AgentPage(msgspec.Struct, frozen=True):
    """A page of the agents."""

    items: list[AgentView]
    total: int
    limit: int
    page: int


class HandoverPage(msgspec.Struct, frozen=True):
    """A page of the handovers, newest first."""

    items: list[HandoverDocument]
    total: int
    limit: int
    page: int


class ApiInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Which API this is, in the words of the REST API-profil."""

    api_name: str
    api_version: str
    api_released: str
    api_documentation: str
    api_status: str


class Alive(msgspec.Struct, frozen=True):
    """The process answers."""

    status: str


class Readiness(msgspec.Struct, frozen=True):
    """Whether contacts can be taken in, and how each part fares."""

    status: str
    leader: bool
    """Whether this router plans offers and sweeps deadlines."""
    parts: dict[str, str]
    """Part -> `ok`, or what is wrong with it."""
