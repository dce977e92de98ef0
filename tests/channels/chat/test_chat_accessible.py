"""Nothing for axe to find, in light, dark and forced colours, in every view of the widget."""

from collections.abc import AsyncIterator
from typing import cast

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from channels.chat.settings import ChatSettings, Texts
from tests.channels.chat.browser import Street, street

pytestmark = pytest.mark.asyncio(loop_scope="module")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SETTINGS = ChatSettings(
    queue="general",
    topics={"baths": {"sv": "Bad och simhallar", "en": "Baths"}},
    texts={"sv": Texts(privacy="Vi sparar chatten i två år.", privacy_url="https://example.se/personuppgifter")},
)


async def views(here: Street, page: Page) -> AsyncIterator[str]:
    """The widget in one view after the other."""
    yield "closed"
    await page.get_by_role("button", name="Chatta med oss").click()
    await expect(page.get_by_label("Din fråga")).to_be_visible()
    yield "form"
    await page.get_by_role("button", name="Starta chatten").click()
    yield "form with a problem"
    await page.get_by_label("Din fråga").fill("Hej")
    await page.get_by_role("button", name="Starta chatten").click()
    contact = await here.contact()
    await here.house.agent_takes(contact)
    await here.house.agent_writes(contact, "Hej! " * 200)
    await expect(page.get_by_role("log")).to_contain_text("Hej! Hej!")
    yield "conversation"
    await page.get_by_role("button", name="Fler val").click()
    await page.get_by_role("button", name="Ring mig i stället").click()
    yield "small form"
    await here.house.pass_s(301)
    await expect(page.get_by_role("button", name="Jag är kvar")).to_be_visible()
    yield "reminder"
    await here.house.chat.end(contact, "closed")
    await expect(page.get_by_role("button", name="Ny chatt")).to_be_visible()
    yield "over"
    here.house.inbox.is_open = False
    await page.get_by_role("button", name="Ny chatt").click()
    await expect(page.get_by_role("button", name="Skicka meddelandet")).to_be_visible()
    yield "outside hours"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(browser: Browser, scheme: str) -> None:
    """WCAG 2.2 A and AA and best practice, in every view."""
    async with street(browser, SETTINGS) as here:
        page = await here.page(color_scheme=scheme)
        seen: list[str] = []
        async for view in views(here, page):
            found = await Axe().run(page, options=RULES)  # pyright: ignore[reportUnknownMemberType] - half typed
            wrong = cast("list[object]", found.response["violations"])
            assert not wrong, f"{view}: {found.generate_report()}"
            seen.append(view)

        assert len(seen) == 8
        assert here.errors == []


async def test_forced_colours_keep_what_is_whose(browser: Browser) -> None:
    """Without colours of its own a message still has a border, the resident's another one than the agent's."""
    async with street(browser) as here:
        page = await here.page(forced_colors="active")
        async for view in views(here, page):
            if view == "conversation":
                break
        borders = (
            await page.get_by_role("log")
            .locator("li")
            .evaluate_all("rows => rows.map(row => [row.className, getComputedStyle(row).borderTopStyle])")
        )

        assert dict(borders) == {"resident": "dashed", "agent": "solid"}


async def test_what_changes_is_said_by_the_right_region(browser: Browser) -> None:
    """A status, a log for the talk, an alert for a form's problem, what came while it was closed; typing is silent."""
    async with street(browser) as here:
        page = await here.page()
        await page.get_by_role("button", name="Chatta med oss").click()
        await expect(page.get_by_label("Din fråga")).to_be_visible()
        found = await page.evaluate(
            "() => [...document.querySelector('servicecenter-chat').shadowRoot.querySelectorAll('[role], [aria-live]')]"
            ".map(e => [e.getAttribute('role'), e.getAttribute('aria-live'), e.className])"
        )

        roles = [role for role, _, _ in found]
        assert sorted(role for role in roles if role) == ["alert", "dialog", "log", "status"]
        assert [name for _, live, name in found if live] == ["aside"]
        assert not [name for _, _, name in found if name == "typing"]
        launcher = page.get_by_role("button", name="Chatta med oss")
        assert await launcher.get_attribute("aria-expanded") == "true"


async def test_what_a_city_writes_cannot_end_the_script(browser: Browser) -> None:
    """Texts of the settings stand in the script as text, whatever they hold."""
    texts = Texts(title="</script><!--\u2028`${1}`", greeting="'\"\\")
    async with street(browser, ChatSettings(texts={"sv": texts})) as here:
        page = await here.page()
        await page.get_by_role("button", name="Chatta med oss").click()

        await expect(page.get_by_role("heading", name="</script><!--")).to_be_visible()
        await expect(page.get_by_role("dialog")).to_contain_text("'\"\\")
        assert here.errors == []
