"""Every address of the service, and which page answers it; channels bring their own beside these."""

from typing import NamedTuple

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.aiohttp import make_aiohttp_handler

from router.http.attachment_pages import AttachmentPages
from router.http.contacts import ContactPages
from router.http.desktop import Desktops
from router.http.disturbance_pages import DisturbancePages
from router.http.events import EventDoor
from router.http.floor_pages import FloorPages
from router.http.handover_pages import HandoverPages
from router.http.service_pages import ServicePages
from router.http.strategy_pages import StrategyPages, strategy_routes


class Pages(NamedTuple):
    """Whoever answers."""

    door: EventDoor
    desktops: Desktops
    contacts: ContactPages
    floor: FloorPages
    handovers: HandoverPages
    disturbances: DisturbancePages
    service: ServicePages
    strategies: StrategyPages
    attachments: AttachmentPages


def routes(pages: Pages, registry: CollectorRegistry) -> list[web.RouteDef]:
    """Every route of the service."""
    floor, service = pages.floor, pages.service
    return [
        web.post("/v1/events", pages.door.post),
        *_contact_routes(pages.contacts, pages.attachments),
        web.get("/v1/queues", floor.queues),
        web.get("/v1/agents", floor.agents),
        web.get("/v1/agents/{id}", floor.agent),
        web.put("/v1/agents/{id}", floor.put_agent),
        web.post("/v1/ws-tickets", floor.ticket),
        web.get("/v1/desktop", pages.desktops.connect),
        *_handover_routes(pages.handovers),
        *strategy_routes(pages.strategies),
        *_disturbance_routes(pages.disturbances),
        web.get("/v1/openapi.json", service.openapi),
        web.get("/v1/asyncapi.json", service.asyncapi),
        web.get("/api-info", service.api_info),
        web.get("/healthz", service.healthz),
        web.get("/readyz", service.readyz),
        web.get("/metrics", make_aiohttp_handler(registry)),
    ]


def _contact_routes(contacts: ContactPages, attachments: AttachmentPages) -> list[web.RouteDef]:
    return [
        web.get("/v1/contacts/{id}", contacts.contact),
        web.get("/v1/contacts/{id}/decision", contacts.decision),
        web.post("/v1/contacts/{id}/attachments", attachments.add),
        web.get("/v1/contacts/{id}/attachments/{blob}", attachments.attachment),
        web.get("/v1/cases/{id}", contacts.case),
        web.get("/v1/goal", contacts.goal),
        web.get("/v1/topics", contacts.topics),
    ]


def _handover_routes(handovers: HandoverPages) -> list[web.RouteDef]:
    return [
        web.get("/v1/handovers", handovers.listed),
        web.post("/v1/handovers/{id}/accept", handovers.accept),
        web.post("/v1/handovers/{id}/return", handovers.give_back),
        web.post("/v1/handovers/{id}/done", handovers.done),
    ]


def _disturbance_routes(disturbances: DisturbancePages) -> list[web.RouteDef]:
    return [
        web.get("/v1/disturbances", disturbances.listed),
        web.post("/v1/disturbances", disturbances.declare),
        web.delete("/v1/disturbances/{id}", disturbances.end),
    ]
