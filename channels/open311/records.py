"""What GeoReport v2 tells: services, their questions, how requests stand and have changed, refusals. Pure."""

from collections.abc import Mapping, Sequence

from channels.open311.documents import Record, moment
from channels.open311.services import Services, service_of_topic
from channels.open311.settings import ServiceSetting
from channels.public_state import PublicState
from channels.public_status import PublicStatus, is_over, status_of
from router.errors import (
    Forbidden,
    InputError,
    NotFound,
    ServicecenterError,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
)

CHANGESET = "2026-11-26T00:00:00Z"
"""When these addresses last changed."""
EXTENDED: Mapping[PublicStatus, str] = {
    "received": "OPEN",
    "known": "OPEN",
    "looked_into": "INVESTIGATING",
    "with_unit": "INVESTIGATING",
    "in_progress": "IN_PROGRESS",
    "done": "FIXED",
    "not_ours": "NOT_COUNCILS_RESPONSIBILITY",
    "no_action": "NO_FURTHER_ACTION",
}


def service_record(service: ServiceSetting) -> Record:
    """One line of the service list."""
    return {
        "service_code": service.code,
        "service_name": service.name,
        "description": service.description,
        "metadata": bool(service.attributes),
        "type": "realtime",
        "keywords": ",".join(service.keywords),
        "group": service.group,
    }


def definition_record(service: ServiceSetting) -> Record:
    """The questions that a service asks."""
    questions: list[Record] = [
        {
            "variable": True,
            "code": each.code,
            "datatype": each.datatype,
            "required": each.required,
            "datatype_description": each.datatype_description,
            "order": i + 1,
            "description": each.description,
            "values": [{"key": value.key, "name": value.name} for value in each.values],
        }
        for i, each in enumerate(service.attributes)
    ]
    return {"service_code": service.code, "attributes": questions}


def request_record(state: PublicState, services: Services, notes: str) -> Record:
    """How a request stands."""
    service = service_of_topic(services, state.topic)
    place = state.location
    return {
        "service_request_id": state.contact,
        "status": "closed" if is_over(state) else "open",
        "status_notes": notes,
        "service_name": service.name if service else None,
        "service_code": service.code if service else None,
        "description": None,
        "agency_responsible": state.unit or None,
        "service_notice": None,
        "requested_datetime": moment(state.received_at),
        "updated_datetime": moment(state.changed_at),
        "expected_datetime": moment(state.expected_at),
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": place.lat if place else None,
        "long": place.lon if place else None,
        "media_url": None,
    }


def update_record(state: PublicState, notes: str, *, extended: bool) -> Record:
    """How a request has changed; as long as it stands the same its update has the same id, and is known there."""
    word = status_of(state)
    status = EXTENDED[word] if extended else "closed" if is_over(state) else "open"
    return {
        "update_id": f"{state.contact}-{word}-{state.handovers}-{state.closed_at // 1000}",
        "service_request_id": state.contact,
        "status": status,
        "updated_datetime": moment(state.changed_at),
        "description": notes,
        "media_url": None,
    }


def discovery_record(url: str, contact: str) -> Record:
    """Where everything is."""
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": url,
        "changeset": CHANGESET,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    return {"changeset": CHANGESET, "contact": contact, "key_service": contact, "endpoints": [endpoint]}


def status_code(error: ServicecenterError) -> int:
    """The protocol knows few: a parameter is wrong, the key is, there is none of it."""
    if isinstance(error, Forbidden | Unauthenticated):
        return 403
    if isinstance(error, NotFound | TooLarge | TooManyRequests):
        return error.status
    return 400 if isinstance(error, InputError) else error.status


def error_records(error: ServicecenterError, status: int) -> Sequence[Record]:
    """A refusal: the parameter's name first."""
    words = ": ".join(part for part in (error.field.removeprefix("$"), error.detail or error.title()) if part)
    return [{"code": status, "description": words}]
