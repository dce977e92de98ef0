"""What a resident sees of times and of a scanner's verdicts, in a real browser."""

import re

import pytest
from msgspec import structs
from playwright.async_api import Browser, expect

from tests.channels.chat.browser import street
from tests.channels.chat.test_chat_browser import begun
from tests.channels.recording_inbox import VIRUS

pytestmark = pytest.mark.asyncio(loop_scope="module")
LONG_AGO = 1_760_335_200_000
"""2025-10-13 06:00 UTC."""


@pytest.mark.parametrize(("locale", "shown"), [("sv-SE", "2025-10-13 08:00"), ("en-US", "10/13/25, 8:00 AM")])
async def test_times_stay_after_a_reload(browser: Browser, locale: str, shown: str) -> None:
    """Each message has its time, as the browser writes it, with the day when it was another; and for machines."""
    async with street(browser) as here:
        page = await here.page(locale=locale, timezone_id="Europe/Stockholm")
        contact = await begun(here, page)
        await here.house.agent_takes(contact)
        await here.house.agent_writes(contact, "Klockan sju.")
        await expect(page.get_by_role("log")).to_contain_text("Klockan sju.")
        here.house.inbox.words[contact] = [
            structs.replace(each, at=LONG_AGO) for each in here.house.inbox.words[contact]
        ]
        await page.reload()
        times = page.get_by_role("log").locator("time")
        await expect(times).to_have_count(2)
        for i in range(2):
            assert (await times.nth(i).inner_text()).strip() == shown
            assert await times.nth(i).get_attribute("datetime") == "2025-10-13T06:00:00.000Z"


async def test_a_scanner_s_verdict_is_said_in_words(browser: Browser) -> None:
    """An infected file is refused and can be changed; one that nobody scanned is named, and not offered."""
    async with street(browser) as here:
        page = await here.page()
        await begun(here, page)
        png = b"\x89PNG\r\n\x1a\n" + bytes(100)
        here.house.inbox.scanner = "answers"
        picker = page.locator("input[type=file]")
        await picker.set_input_files([{"name": "sjuk.png", "mimeType": "image/png", "buffer": png + VIRUS}])
        await expect(page.get_by_role("status")).to_have_text("Filen innehåller ett virus. Välj en annan.")
        await expect(page.get_by_role("button", name="Försök igen")).to_be_visible()
        assert here.house.inbox.messages == []
        here.house.inbox.scanner = "silent"
        await picker.set_input_files([{"name": "okänd.png", "mimeType": "image/png", "buffer": png}])
        await expect(page.get_by_role("log")).to_contain_text("Skickat")
        await page.reload()
        await expect(page.get_by_role("log")).to_contain_text("okänd.png")
        await expect(page.get_by_role("button", name=re.compile("Hämta"))).to_have_count(0)
        here.errors[:] = [each for each in here.errors if "422" not in each]
