"""The floor as it is watched, by example: a frame, two alarms, and what a supervisor's snapshot holds beside."""

from collections.abc import Mapping

from router.http.description_desktop import CONTACT, ORDER, Json

_AT = 1_795_421_700_120
_TODAY: Json = {
    "offered": 214,
    "answered": 196,
    "answered_within": 171,
    "abandoned": 15,
    "abandoned_short": 4,
    "left": 2,
    "service_level": 0.8260869565217391,
    "abandonment": 0.05314009661835749,
}
ALARM: Json = {
    "kind": "no_one_possible",
    "since": _AT - 4_100,
    "queue": "finska",
    "medium": "voice",
    "contact_id": CONTACT,
    "contacts": 1,
}
FLOOR: Json = {
    "at": _AT,
    "city": "Ekeby stad",
    "tz": "Europe/Stockholm",
    "strategy": {"version": "2026-11-02", "hash": "b7c1f0a29d3e4456"},
    "disturbances": [
        {
            "id": "storgatan-vatten",
            "topics": ["VAT.*"],
            "message_sv": "Vattenläcka på Storgatan. Vattnet är avstängt.",
            "since": _AT - 1_800_000,
            "until": _AT + 7_200_000,
            "expected_end_at": _AT + 3_600_000,
        }
    ],
    "duties": [{"contact_id": CONTACT, "duty": "vatten", "since": _AT - 660_000, "to": "va_jour", "rings": 2}],
    "escalations": [
        {
            "contact_id": CONTACT,
            "handover_id": f"{CONTACT}.h1",
            "unit": "gata",
            "since": _AT - 86_400_000,
            "overdue": 2,
            "escalate": "unit_manager",
            "alarms": ["handover_overdue"],
            "priority": "P2",
        }
    ],
    "queues": [
        {
            "queue": "bygg",
            "medium": "voice",
            "waiting": 2,
            "name_sv": "Bygga, bo och mark",
            "state": "closing",
            "until": _AT + 1_499_880,
            "oldest_at": _AT - 95_000,
            "able": 3,
            "idle": 0,
            "wait_estimate_s": 240,
            "band": "2_to_5_min",
            "today": _TODAY,
            "last_15_min": {
                "offered": 4,
                "answered": 3,
                "answered_within": 2,
                "service_level": 0.67,
                "abandonment": 0.0,
            },
        },
        {
            "queue": "finska",
            "medium": "voice",
            "waiting": 1,
            "name_sv": "Finska",
            "until": _AT + 8_699_880,
            "first_contact_id": CONTACT,
            "oldest_at": _AT - 4_400,
            "no_one_possible": 1,
            "stranded_contact_id": CONTACT,
            "stranded_at": _AT - 4_100,
            "band": "nobody",
        },
    ],
    "orders": [ORDER],
    "live_today": _TODAY,
    "agent_counts": {"available:both": 9, "away:both": 2},
    "agent_states": {"live": 6, "wrapping_up": 1, "idle": 2, "away": 2},
    "alarms": [ALARM],
    "callbacks": {"promised": 3, "due": 1, "late": 0, "unanswered": 1, "missed": 0},
    "handovers": {"unaccepted": 5, "accepted": 31, "overdue": 2},
    "notices_late": 0,
    "fairness": 0.94,
    "goal": {"resolved": 0.71, "measure": "matters", "state": "provisional"},
    "agents": [
        {
            "id": "anna",
            "name": "Anna Exempel",
            "state": "live",
            "since": _AT - 310_000,
            "presence": "available",
            "presence_since": _AT - 7_200_000,
            "skills": {"bygg": 3},
            "teams": ["servicecenter"],
            "in_hand": [
                {
                    "contact_id": CONTACT,
                    "channel": "phone",
                    "medium": "voice",
                    "kind": "leg",
                    "since": _AT - 310_000,
                    "handling_s": 310,
                }
            ],
        }
    ],
}
ALARMS: Mapping[str, tuple[str, Json]] = {
    "alarm.raised": ("Something that a supervisor must look at now; told to whoever watches the floor.", ALARM),
    "alarm.cleared": ("The alarm of the same kind, queue, medium, agent, unit and code is over.", ALARM),
}
"""Event type -> what it tells, an example without its time."""
AT = _AT
