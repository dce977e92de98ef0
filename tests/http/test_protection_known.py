"""Somebody protected gets in touch while the register answers nobody in time."""

from router.config import Config, FloorConfig
from tests.desktop_client import DesktopClient
from tests.http.service_client import ServiceClient

CONFIG = Config(floor=FloorConfig(facts_timeout_s=0.000_001))
"""No answer of the register ever comes in so short a time."""
PHONE = "070-174 06 11"


async def test_a_late_register_shows_nobody(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """Whose protection was found in a call is protected in the next contact, before the register has a word."""
    contact = await service.in_hand(desk, subject=name, topic="KUF.BIB", person={"phone": PHONE})
    found = {"contact_id": contact, "phone": PHONE, "protection": "protected_registration"}
    await desk.command("person.identify", found)
    again = await service.receive("chat", f"{name}-again", topic="KUF.BIB", person={"phone": PHONE})
    document = (await service.get(f"/v1/contacts/{again}")).body
    assert (document["queue"], document["protection"]) == ("skyddad", "protected_registration")
    for subject in (name, f"{name}-again"):
        await service.event("contact.ended", {"reason": "left"}, subject=subject)


async def test_an_integration_that_says_so_is_remembered(service: ServiceClient, name: str) -> None:
    """A protection that came with one event holds for the next, by another channel, that says nothing of it."""
    phone = "070-174 06 12"
    person = {"phone": phone, "protection": "marked"}
    await service.receive("phone", f"{name}-1", topic="KUF.BIB", person=person)
    later = await service.receive("chat", f"{name}-2", topic="KUF.BIB", person={"phone": phone})
    assert (await service.get(f"/v1/contacts/{later}")).body["queue"] == "skyddad"
    for number in (1, 2):
        await service.event("contact.ended", {"reason": "left"}, subject=f"{name}-{number}")
