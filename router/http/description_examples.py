"""Requests and answers as they really go over the wire; a test posts every request. Synthetic people only."""

from collections.abc import Mapping

Json = dict[str, object]
CONTACT = "c06h02e9vvty44ddrtyeh"
TYPE = "se.servicecenter."


def _event(event_id: str, source: str, subject: str, kind: str, data: Json) -> Json:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "subject": subject,
        "type": TYPE + kind,
        "time": "2026-11-23T08:15:00Z",
        "data": data,
    }


FAULT: Json = {
    "channel": "web",
    "topic": "GAT.HÅL",
    "text": "Stort hål i cykelbanan på Storgatan 4.",
    "location": {"lat": 59.3293, "lon": 18.0686, "address": "Storgatan 4"},
    "person": {"email": "kim@example.se", "language": "sv"},
    "preferred_notice": "email",
}
CALL: Json = {"channel": "phone", "person": {"phone": "+46701740605"}, "topic": "BYG.LOV"}
CHAT: Json = {"channel": "chat", "text": "Hej! När är simhallen öppen?", "person": {"anonymous": True}}

EVENTS: Mapping[str, Json] = {
    "received-fault": {
        "summary": "A fault reported on the web, with a place",
        "value": _event("F-2026-117", "/web/forms", "F-2026-117", "contact.received", FAULT),
    },
    "received-call": {
        "summary": "A call comes in",
        "value": _event("call-4711-begin", "/telephony", "call-4711", "contact.received", CALL),
    },
    "received-mail": {
        "summary": "An e-mail, with an attachment by reference",
        "value": _event(
            "mail-88@example.se",
            "/mail",
            "mail-88@example.se",
            "contact.received",
            {
                "channel": "email",
                "subject": "Bygglov för altan",
                "text": "Behöver jag bygglov för en altan på 30 kvadratmeter?",
                "person": {"email": "sam@example.se", "name": "Sam Exempel"},
                "attachments": [{"name": "altan.pdf", "media_type": "application/pdf", "size_bytes": 48213}],
                "thread": "mail-88@example.se",
            },
        ),
    },
    "message": {
        "summary": "More from the same resident, named by source and subject",
        "value": _event(
            "F-2026-117-2", "/web/forms", "F-2026-117", "contact.message", {"text": "Det har blivit större."}
        ),
    },
    "ended": {
        "summary": "The caller hung up",
        "value": _event("call-4711-end", "/telephony", "call-4711", "contact.ended", {"reason": "hung_up"}),
    },
    "observed": {
        "summary": "A call that went to a unit directly: counted only",
        "value": _event(
            "direct-1", "/telephony", "direct-1", "contact.observed", {"channel": "phone", "topic": "BYG.LOV"}
        ),
    },
    "case-updated": {
        "summary": "A unit's case system tells progress",
        "value": _event(
            "F-2026-117-3",
            "/web/forms",
            "F-2026-117",
            "case.updated",
            {"status": "planned", "note": "Lagas på torsdag."},
        ),
    },
    "delivery-updated": {
        "summary": "A message provider tells what became of a message",
        "value": _event("F-2026-117-4", "/web/forms", "F-2026-117", "delivery.updated", {"status": "delivered"}),
    },
}

BATCH: Mapping[str, Json] = {
    "two": {
        "summary": "A chat and its next message; events of the same conversation are taken in their order",
        "value": [
            _event("chat-9-1", "/chat", "chat-9", "contact.received", CHAT),
            _event("chat-9-2", "/chat", "chat-9", "contact.message", {"text": "Den i Ekeby."}),
        ],
    },
}

BINARY: Mapping[str, Json] = {
    "binary": {
        "summary": "Binary mode: the attributes stand in `ce-` headers, the body is the data",
        "value": CALL,
        "x-headers": {
            "ce-specversion": "1.0",
            "ce-id": "call-4712-begin",
            "ce-source": "/telephony",
            "ce-subject": "call-4712",
            "ce-type": TYPE + "contact.received",
        },
    },
}

BODIES: Mapping[str, Json] = {
    "AgentProfile": {
        "name": "Anna Exempel",
        "team": "servicecenter",
        "skills": {"bygg": 3, "gata": 2},
        "capacity": {"phone": 1, "chat": 2, "email": 1, "web": 1},
    },
    "Declaration": {
        "id": "storgatan-vatten",
        "topics": ["VAT.*"],
        "area": {"lat": 59.2968, "lon": 18.0012, "radius_m": 600},
        "message_sv": "Vattenläcka på Storgatan. Vattnet är avstängt. Vatten finns att hämta vid torget.",
        "message_en": "Water main break on Storgatan. The water is off. Water is available at the square.",
        "until": "2036-11-23T18:00:00+01:00",
        "expected_end_at": "2036-11-23T15:00:00+01:00",
        "reason": "VA-jouren har ringt.",
    },
    "ReturnBody": {"reason": "Vägen är Trafikverkets."},
    "DoneBody": {"status": "repaired"},
}

_DISTURBANCE: Json = {
    "id": "storgatan-vatten",
    "topics": ["VAT.*"],
    "area": {"lat": 59.2968, "lon": 18.0012, "radius_m": 600},
    "message_sv": "Vattenläcka på Storgatan. Vattnet är avstängt. Vatten finns att hämta vid torget.",
    "since": "2026-11-23T08:10:00.000Z",
    "until": "2026-11-23T17:00:00.000Z",
    "message_en": "Water main break on Storgatan. The water is off. Water is available at the square.",
    "expected_end_at": "2026-11-23T14:00:00.000Z",
}
_AGENT: Json = {
    "agent_id": "anna",
    "name": "Anna Exempel",
    "presence": "available",
    "reason": "",
    "since": "2026-11-23T07:58:12.120Z",
    "form": "both",
    "is_connected": True,
    "skills": {"bygg": 3, "gata": 2},
    "capacity": {"phone": 1, "chat": 2, "email": 1, "web": 1, "app": 0, "sms": 0, "letter": 0, "visit": 0},
    "team": "servicecenter",
}
_HANDOVER: Json = {
    "id": f"{CONTACT}.h1",
    "contact": CONTACT,
    "case_id": f"{CONTACT}.k1",
    "rev": 1,
    "state": "offered",
    "unit": "gata",
    "agreement": "gata-felanmalan",
    "topic": "GAT.HÅL",
    "generation": 1,
    "criterion": "registered_complete",
    "accept_by": "2026-11-23T14:00:00.000Z",
    "contact_by": "2026-11-24T13:00:00.000Z",
    "finish_by": "2026-12-03T14:00:00.000Z",
    "offered_at": "2026-11-23T08:15:00.949Z",
    "accepted_at": None,
    "returned_at": None,
    "done_at": None,
    "overdue_at": None,
    "reason": "",
    "status": "",
    "outcomes": [],
    "changed_at": "2026-11-23T08:15:00.949Z",
}
_EXPLANATION: Json = {
    "lang": "en",
    "title": "Why the contact went where it went",
    "sections": [
        {
            "id": "decision",
            "title": "The decision",
            "sentences": ["The contact was handed over to Gatuenheten."],
            "parts": [],
        },
        {
            "id": "rules",
            "title": "The rules that applied, in order",
            "sentences": [],
            "parts": [
                {
                    "id": "K25",
                    "title": "Felanmälan i app eller formulär med plats: direkt till ansvarig enhet (K25)",
                    "sentences": ["The contact is handed over to Gatuenheten."],
                    "parts": [],
                }
            ],
        },
    ],
}
_OUTCOME: Json = {
    "number": 1,
    "topic": "GAT.HÅL",
    "resolution": "handed_over",
    "clicked": "",
    "contact_reason": "",
    "cause": "",
    "evidence": "",
    "agent": "",
    "handover": f"{CONTACT}.h1",
    "at": "2026-11-23T08:15:00.949Z",
}
_QUEUE: Json = {
    "queue": "bygg",
    "medium": "voice",
    "waiting": 2,
    "oldest_at": "2026-11-23T08:14:21.300Z",
    "able": 3,
    "wait_estimate_s": 190,
}
_SHARE: Json = {
    "total": 40,
    "eligible": 36,
    "resolved": 30,
    "resolved_strict": 27,
    "uncoded": 1,
    "ratio": {"resolved": 0.8333333333333334, "resolved_strict": 0.75},
}
_STEP: Json = {"handover_id": f"{CONTACT}.h1", "contact_id": CONTACT, "unit": "gata", "case_id": f"{CONTACT}.k1"}

ANSWERS: Mapping[str, Json] = {
    "postEvents": {"accepted": 1, "ids": [CONTACT]},
    "getContact": {
        "contact_id": CONTACT,
        "state": "handed_over",
        "rev": 3,
        "channel": "web",
        "medium": "written",
        "received_at": "2026-11-23T08:15:00.822Z",
        "queue": "",
        "topic": "GAT.HÅL",
        "unit": "gata",
        "agent_id": "",
        "handover_id": f"{CONTACT}.h1",
        "case_id": f"{CONTACT}.k1",
        "identity": "likely",
        "protection": "none",
        "is_observed": False,
        "closed_at": None,
        "legs": [],
        "offers": [],
        "outcomes": [_OUTCOME],
        "handovers": [_HANDOVER],
    },
    "addAttachment": {
        "blob": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "name": "Beslut.pdf",
        "media_type": "application/pdf",
        "size_bytes": 48_213,
    },
    "getDecision": {
        "contact": CONTACT,
        "decisions": [
            {
                "generation": 1,
                "n": 1,
                "at": "2026-11-23T08:15:00.949Z",
                "command": "receive_contact",
                "decision": {
                    "decision": {"kind": "hand_over", "unit": "gata", "reason": "fault_report"},
                    "facts": {"point": "received", "channel": "web", "topic": "GAT.HÅL", "has_location": True},
                },
                "explanation": _EXPLANATION,
            }
        ],
        "offers": [],
    },
    "getCase": {
        "id": f"{CONTACT}.k1",
        "contact": CONTACT,
        "unit": "gata",
        "topic": "GAT.HÅL",
        "rev": 1,
        "state": "new_case",
        "status": "",
        "opened_at": "2026-11-23T08:15:00.949Z",
        "started_at": None,
        "closed_at": None,
        "changed_at": "2026-11-23T08:15:00.949Z",
    },
    "getGoal": {
        "from": "2026-10-01T00:00:00Z",
        "to": "2026-11-01T00:00:00Z",
        "contacts": {
            "received": 41,
            "observed": 9,
            "open": 2,
            "closed": 38,
            "abandoned": 1,
            "cancelled": 0,
            "handed_over_open": 1,
            "answered_open": 0,
        },
        "matters": {
            "total": 40,
            "eligible": 36,
            "resolved": 30,
            "resolved_strict": 27,
            "uncoded": 1,
            "excluded": {"abandoned": 1, "misdialled": 3},
            "by_resolution": {"answered": 27, "registered_complete": 3, "unresolved": 5, "uncoded": 1},
        },
        "ratio": _SHARE["ratio"],
        "state": "provisional",
        "measure": "agent",
        "by_channel": [{**_SHARE, "channel": "phone", "contacts": 41}],
        "by_topic": [{**_SHARE, "topic": "BYG.LOV"}],
        "reach": {"observed": 9, "via_servicecenter": 41, "ratio": 0.82},
    },
    "listTopics": {
        "topics": [{"code": "GAT.HÅL", "sv": "Hål och skador i väg", "en": "Potholes and road damage", "unit": "gata"}]
    },
    "listQueues": {
        "queues": [
            {
                "queue": "bygg",
                "name_sv": "Bygga, bo och mark",
                "is_open": True,
                "media": [_QUEUE],
                "announcements": [
                    {"at_s": 0, "say": "wait_band", "every_s": 120},
                    {"at_s": 300, "say": "callback_offer", "every_s": 600},
                ],
            }
        ],
        "banners": ["long_waits"],
    },
    "listDisturbances": {"items": [_DISTURBANCE]},
    "declareDisturbance": _DISTURBANCE,
    "endDisturbance": {**_DISTURBANCE, "until": "2026-11-23T12:31:07.000Z"},
    "listAgents": {"items": [_AGENT], "total": 1, "limit": 20, "page": 1},
    "getAgent": _AGENT,
    "putAgent": _AGENT,
    "createTicket": {"ticket": "xrziMsUywgqGyA0AdNFxSnLpEJWZwx32uHAdOR_-ch0", "expires_in_s": 30},
    "listHandovers": {"items": [_HANDOVER], "total": 1, "limit": 20, "page": 1},
    "acceptHandover": {**_STEP, "state": "accepted"},
    "returnHandover": {**_STEP, "state": "returned"},
    "finishHandover": {**_STEP, "state": "done"},
    "getApiInfo": {
        "apiName": "servicecenter",
        "apiVersion": "0.2.0",
        "apiReleased": "2026-11-22",
        "apiDocumentation": "/v1/openapi.json",
        "apiStatus": "active",
    },
    "getHealth": {"status": "ok"},
    "getReadiness": {
        "status": "ready",
        "leader": True,
        "parts": {"store": "ok", "register": "ok", "embedded_store": "ok"},
    },
}
