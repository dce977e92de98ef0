"""The report pages in a real browser: without scripts, with them, by keyboard, small, dark, for whoever listens."""

from collections.abc import AsyncIterator
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from channels.base import Said
from channels.public_state import Nearby
from tests.channels.browser import chromium, violations
from tests.channels.reports.visit import FILLED, Pages


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium."""
    async with chromium() as opened:
        yield opened


async def fill(page: Page) -> None:
    """A report, typed in."""
    await page.get_by_label("Vad gäller det?").select_option("GAT.HÅL")
    await page.get_by_label("Vad är fel?").fill(FILLED["text"])
    await page.get_by_label("Adress eller plats").fill("Skolgatan 4")
    await page.get_by_label("E-post", exact=True).fill("kim@example.se")
    await page.get_by_label("Med e-post").check()


async def through(page: Page, pages: Pages) -> None:
    """From the form to the thanks."""
    await page.goto(pages.url + "/report")
    pages.inbox.time_ms += 10_000
    await fill(page)
    await page.get_by_role("button", name="Kontrollera anmälan").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Kontrollera din anmälan")
    await page.get_by_role("button", name="Skicka anmälan").click()
    await expect(page.get_by_role("heading", name="Tack, din anmälan är mottagen")).to_be_visible()


async def test_it_works_without_scripts(browser: Browser, pages: Pages) -> None:
    """With scripts off a report is made, a mistake is mended and a message added, photo and all."""
    context = await browser.new_context(java_script_enabled=False, locale="sv-SE")
    page = await context.new_page()
    await page.goto(pages.url + "/report")
    pages.inbox.time_ms += 10_000
    await page.get_by_role("button", name="Kontrollera anmälan").click()
    await expect(page.get_by_role("alert")).to_contain_text("Välj vad felet gäller")
    await fill(page)
    photo = {"name": "hal.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0" + b"\0" * 99}
    await page.get_by_label("Foto").set_input_files(files=[photo])  # pyright: ignore[reportArgumentType] # a FilePayload
    await page.get_by_role("button", name="Kontrollera anmälan").click()
    await page.get_by_role("button", name="Skicka anmälan").click()
    await expect(page.get_by_text("c01")).to_be_visible()
    assert len(pages.inbox.contacts["c01"].attachments) == 1
    await page.get_by_label("Meddelande").fill("Nu är det två hål.")
    await page.get_by_role("button", name="Skicka meddelande").click()
    await expect(page.get_by_role("status")).to_have_text("Ditt meddelande är mottaget.")
    await expect(page.locator("#island")).to_have_count(0)


async def test_the_position_button_is_there_for_those_who_can_use_it(browser: Browser, pages: Pages) -> None:
    """With scripts it appears, fills in where the reader is, and says so; refused, it says what to do instead."""
    point = {"latitude": 59.27412, "longitude": 15.21337}
    context = await browser.new_context(locale="sv-SE", geolocation=point, permissions=["geolocation"])  # pyright: ignore[reportArgumentType] # a Geolocation
    page = await context.new_page()
    await page.goto(pages.url + "/report")
    await page.get_by_role("button", name="Använd min position").click()
    await expect(page.get_by_role("status")).to_have_text("Din position är ifylld.")
    await expect(page.get_by_label("Koordinater")).to_have_value("59.27412, 15.21337")
    await context.clear_permissions()
    denied = await (await browser.new_context(locale="sv-SE", permissions=[])).new_page()
    await denied.goto(pages.url + "/report")
    await denied.get_by_role("button", name="Använd min position").click()
    await expect(denied.get_by_role("status")).to_have_text("Positionen gick inte att få. Skriv en adress i stället.")
    silent = await (await browser.new_context(java_script_enabled=False, locale="sv-SE")).new_page()
    await silent.goto(pages.url + "/report")
    await expect(silent.get_by_role("button", name="Använd min position")).to_be_hidden()


@pytest.mark.parametrize(("scheme", "forced"), [("light", "none"), ("dark", "none"), ("dark", "active")])
async def test_nothing_is_inaccessible(
    browser: Browser, pages: Pages, scheme: Literal["light", "dark"], forced: Literal["none", "active"]
) -> None:
    """Form, form with faults, check with what is known, follow page: WCAG 2.2 AA and best practice, nothing found."""
    pages.inbox.around = Nearby(2, 1_760_000_000_000, "Vattnet är avstängt.", expected_end_at=1_760_400_000_000)
    context = await browser.new_context(locale="sv-SE", color_scheme=scheme, forced_colors=forced)
    page = await context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    await page.goto(pages.url + "/report")
    assert await violations(page) == []
    pages.inbox.time_ms += 10_000
    await page.get_by_role("button", name="Kontrollera anmälan").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await violations(page) == []
    await fill(page)
    await page.get_by_label("Koordinater").fill("59.2, 15.2")
    await page.get_by_role("button", name="Kontrollera anmälan").click()
    await expect(page.get_by_role("region", name="Felet är känt")).to_be_visible()
    assert await violations(page) == []
    await page.get_by_role("button", name="Skicka anmälan").click()
    await expect(page.get_by_text("c01")).to_be_visible()
    pages.inbox.answers["c01"] = [Said(2, "agent", "Tack!", 1_760_335_300_000)]
    await page.reload()
    await expect(page.get_by_text("Tack!")).to_be_visible()
    assert await violations(page) == []
    assert [each for each in errors if "422" not in each] == []


@pytest.mark.parametrize("lang", ["sv", "en"])
async def test_it_fits_a_small_screen(browser: Browser, pages: Pages, lang: str) -> None:
    """At 320 pixels, also with text twice as large, nothing stands beside the screen; targets are large enough."""
    context = await browser.new_context(viewport={"width": 320, "height": 640}, locale="sv-SE")
    page = await context.new_page()
    await page.goto(f"{pages.url}/report?lang={lang}")
    await page.locator("#submit").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    for size in ("100%", "200%"):
        await page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    small = await page.evaluate(
        "[...document.querySelectorAll('main button, main input:not([type=hidden]), main select, header a')]"
        ".filter(e => e.offsetParent && !e.closest('.trap')).filter(e => e.getBoundingClientRect().height < 24)"
        ".map(e => e.outerHTML)"
    )
    assert small == []


async def test_it_works_by_keyboard_alone(browser: Browser, pages: Pages) -> None:
    """The first stop skips to the content; every control is reached in its order, the trap is not, Enter sends."""
    context = await browser.new_context(locale="sv-SE")
    page = await context.new_page()
    await page.goto(pages.url + "/report")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Hoppa till innehållet")).to_be_focused()
    await page.keyboard.press("Enter")
    seen: list[str] = []
    for _ in range(14):
        await page.keyboard.press("Tab")
        seen.append(str(await page.evaluate("document.activeElement.id")))
    assert seen[:6] == ["topic", "text", "address", "position", "locate", "photo"]
    assert seen[6:9] == ["name", "email", "phone"]
    assert "submit" in seen
    assert "website" not in seen
    await page.locator("#submit").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_role("link", name="Välj vad felet gäller").press("Enter")
    await expect(page.get_by_label("Vad gäller det?")).to_be_focused()


async def test_the_page_is_light(browser: Browser, pages: Pages) -> None:
    """Everything that the form needs is under 30 kB, and comes from here alone."""
    page = await (await browser.new_context(locale="sv-SE")).new_page()
    sizes: list[int] = []
    urls: list[str] = []

    page.on("request", lambda request: urls.append(request.url))
    page.on("response", lambda response: sizes.append(int(response.headers.get("content-length", "0"))))
    await page.goto(pages.url + "/report", wait_until="networkidle")
    assert all(url.startswith(pages.url) for url in urls)
    assert len(urls) <= 4
    assert sum(sizes) < 30_000


async def test_reload_and_back_make_no_second_report(browser: Browser, pages: Pages) -> None:
    """After the thanks a reload shows the report; going back and sending again leads to the same one."""
    page = await (await browser.new_context(locale="sv-SE")).new_page()
    await through(page, pages)
    await page.reload()
    await expect(page.get_by_text("c01")).to_be_visible()
    assert len(pages.inbox.contacts) == 1
