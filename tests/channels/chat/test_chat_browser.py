"""The widget in Chromium: a conversation, by keyboard alone, over reloads and lost networks, on pages that fight it."""

import json

import pytest
from playwright.async_api import Browser, Page, expect

from channels.chat.settings import ChatSettings, Texts
from router.errors import StoreUnavailable
from tests.channels.chat.browser import HOSTILE, POLICY, Street, host_page, street

pytestmark = pytest.mark.asyncio(loop_scope="module")
ASK = "Din fråga"
WRITE = "Skriv ett meddelande"


async def begun(street: Street, page: Page, text: str = "När öppnar badet?") -> str:
    """The chat is opened and begun; its contact."""
    await page.get_by_role("button", name="Chatta med oss").click()
    await page.get_by_label(ASK).fill(text)
    await page.get_by_role("button", name="Starta chatten").click()
    return await street.contact()


async def log_of(page: Page) -> list[str]:
    """What the log shows, in order."""
    return [text.strip() for text in await page.get_by_role("log").locator("li p").all_text_contents()]


async def test_a_conversation_in_a_browser(browser: Browser) -> None:
    """A resident asks, reads who has joined, is answered, answers, and reads that the chat is over."""
    async with street(browser) as here:
        page = await here.page()
        contact = await begun(here, page)
        await expect(page.get_by_role("status")).to_contain_text("Du står i kö. Väntetid under 2 minuter.")
        await here.house.agent_takes(contact)
        await expect(page.get_by_role("status")).to_have_text("Anna är med i chatten.")
        await here.house.chat.typing(contact, is_typing=True)
        await expect(page.get_by_text("Anna skriver …")).to_be_visible()
        await here.house.agent_writes(contact, "Klockan sju.\nVälkommen!")
        await expect(page.get_by_role("log")).to_contain_text("Klockan sju.")
        await expect(page.get_by_text("Anna skriver …")).to_be_hidden()
        await page.get_by_label(WRITE).fill("Tack & hej <b>")
        await page.get_by_role("button", name="Skicka", exact=True).click()
        await expect(page.get_by_role("log")).to_contain_text("Skickat")
        await here.house.chat.end(contact, "closed")

        await expect(page.get_by_role("status")).to_have_text("Chatten är avslutad.")
        await expect(page.get_by_label(WRITE)).to_be_hidden()
        assert await log_of(page) == ["När öppnar badet?", "Klockan sju.\nVälkommen!", "Tack & hej <b>"]
        assert [message.text for _, message in here.house.inbox.messages] == ["Tack & hej <b>"]
        assert here.errors == []


async def test_a_keyboard_is_enough(browser: Browser) -> None:
    """Open, fill in, send, more choices, end, close: with Tab, Enter, Space and Escape; focus is never lost."""
    async with street(browser) as here:
        page = await here.page()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_label(ASK)).to_be_focused()
        await page.keyboard.type("Hej")
        for _ in range(3):  # name, e-mail, the button
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        contact = await here.contact()
        await expect(page.get_by_label(WRITE)).to_be_focused()
        await page.keyboard.type("rad ett")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("rad två")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("rad två")
        await expect(page.get_by_label(WRITE)).to_be_focused()
        await page.get_by_role("button", name="Fler val").focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Avsluta chatten").focus()
        await page.keyboard.press("Space")
        await expect(page.get_by_role("button", name="Nej, fortsätt")).to_be_focused()
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_have_text("Du har avslutat chatten.")
        await expect(page.get_by_role("heading", name="Ekeby stad")).to_be_focused()
        await page.keyboard.press("Escape")

        await expect(page.get_by_role("button", name="Chatta med oss")).to_be_focused()
        await expect(page.get_by_role("dialog")).to_be_hidden()
        assert [message.text for _, message in here.house.inbox.messages] == ["rad ett\nrad två"]
        assert [name for name, _ in here.house.inbox.ends] == [contact]


async def test_a_reload_and_a_lost_network_lose_and_double_nothing(browser: Browser) -> None:
    """The page reloads, its socket breaks, the agent writes meanwhile: each word is there once, the draft too."""
    async with street(browser) as here:
        page = await here.page()
        contact = await begun(here, page, "Ett")
        await here.house.agent_takes(contact)
        await here.house.agent_writes(contact, "Två")
        await page.get_by_label(WRITE).fill("Tre")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("Skickat")
        await page.get_by_label(WRITE).fill("halvskrivet")
        await page.reload()
        await expect(page.get_by_role("log")).to_contain_text("Tre")
        await expect(page.get_by_label(WRITE)).to_have_value("halvskrivet")
        await here.cut(contact)
        await here.house.agent_writes(contact, "Fyra")
        await page.get_by_label(WRITE).fill("Fem")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log").get_by_text("Fyra")).to_be_visible(timeout=20_000)
        await expect(page.get_by_role("log")).to_contain_text("Skickat", timeout=20_000)

        assert sorted(await log_of(page)) == sorted(["Ett", "Två", "Tre", "Fyra", "Fem"])
        assert [message.text for _, message in here.house.inbox.messages] == ["Tre", "Fem"]
        await page.reload()
        await expect(page.get_by_role("log")).to_contain_text("Fem")
        assert await log_of(page) == ["Ett", "Två", "Tre", "Fyra", "Fem"]


async def test_words_that_could_not_be_kept_are_sent_again(browser: Browser) -> None:
    """While the store is away the page says that it is sending; later the words arrive, once, over a reload."""
    async with street(browser) as here:
        page = await here.page()
        contact = await begun(here, page)
        here.house.inbox.failure = StoreUnavailable()
        await page.get_by_label(WRITE).fill("Viktigt")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("Skickas …")
        here.house.inbox.failure = None
        await page.reload()
        await expect(page.get_by_role("log")).to_contain_text("Skickat")

        assert [(name, message.text) for name, message in here.house.inbox.messages] == [(contact, "Viktigt")]


async def test_first_words_outlive_a_reload(browser: Browser) -> None:
    """The page reloads while its first words could not be kept: they begin one chat when they can be."""
    async with street(browser) as here:
        page = await here.page()
        here.house.inbox.failure = StoreUnavailable()
        await page.get_by_role("button", name="Chatta med oss").click()
        await page.get_by_label(ASK).fill("Är det någon där?")
        await page.get_by_role("button", name="Starta chatten").click()
        await page.reload()
        here.house.inbox.failure = None
        await here.contact()
        await expect(page.get_by_role("status")).to_contain_text("Du står i kö.", timeout=20_000)

        assert [each.text for each in here.house.inbox.contacts.values()] == ["Är det någon där?"]
        assert await log_of(page) == ["Är det någon där?"]


async def test_a_chat_that_is_too_old_says_so(browser: Browser) -> None:
    """Who comes back too late reads that the chat has ended, and has in the form what was not sent."""
    async with street(browser) as here:
        page = await here.page()
        contact = await begun(here, page)
        here.house.inbox.failure = StoreUnavailable()
        await page.get_by_label(WRITE).fill("Sent omsider")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("Skickas …")
        await page.goto("about:blank")
        here.house.inbox.failure = None
        await here.until_gone(contact)
        await here.house.pass_s(1_801)
        await page.go_back()

        await expect(page.get_by_role("status")).to_contain_text("eftersom du var borta")
        await expect(page.get_by_label(ASK)).to_have_value("Sent omsider")
        assert here.house.inbox.messages == []


async def test_a_second_tab_takes_over_and_the_first_says_so(browser: Browser) -> None:
    """A copied tab has the chat; the first one says where it is open, and can have it back."""
    async with street(browser) as here:
        page = await here.page()
        contact = await begun(here, page)
        async with page.expect_popup() as opening:
            await page.evaluate("window.open(location.href)")
        other = await opening.value
        await expect(other.get_by_role("log")).to_contain_text("När öppnar badet?")
        await expect(page.get_by_role("status")).to_have_text("Chatten är öppen i en annan flik.")
        await page.get_by_role("button", name="Använd här").click()
        await expect(other.get_by_role("status")).to_have_text("Chatten är öppen i en annan flik.")
        await here.house.agent_writes(contact, "Hit")

        await expect(page.get_by_role("log")).to_contain_text("Hit")
        assert "Hit" not in await log_of(other)


async def test_a_hostile_page_with_a_strict_policy_cannot_break_it(browser: Browser) -> None:
    """On a page of another origin whose CSS fights everything and whose policy allows next to nothing, it works."""
    async with host_page("", {}) as probe:
        origin = probe.rstrip("/")
    async with street(browser, ChatSettings(origins=(origin,))) as here:
        base, socket = here.house.url, here.house.url.replace("http", "ws")
        html = (
            f'<!doctype html><html lang="sv"><title>Sida</title><style nonce="n">{HOSTILE}</style>'
            f'<main><h1>Sida</h1></main><script src="{base}/v1/chat/widget.js"></script></html>'
        )
        policy = POLICY.format(base, socket) + "; style-src 'nonce-n'"
        async with host_page(html, {"Content-Security-Policy": policy}, port=int(origin.rpartition(":")[2])) as address:
            page = await here.page(path=address)
            contact = await begun(here, page)
            await here.house.agent_takes(contact)
            await here.house.agent_writes(contact, "Fungerar")
            await expect(page.get_by_role("log")).to_contain_text("Fungerar")
            sizes = await page.get_by_role("dialog").evaluate(
                "box => [...box.querySelectorAll('p, button, label, textarea')].map(e => getComputedStyle(e).fontSize)"
            )

            assert set(sizes) <= {"14px", "16px", "24px"}
            place = await page.get_by_role("dialog").bounding_box()
            assert place is not None
            assert (place["width"], place["x"] + place["width"]) == (380, 1280 - 8)
            assert here.errors == []


async def test_narrow_and_low_windows_hold_it(browser: Browser) -> None:
    """At 320 px, and zoomed so far that 256 px of height are left, nothing must be scrolled sideways to be read."""
    async with street(browser) as here:
        page = await here.page(viewport={"width": 320, "height": 256})
        contact = await begun(here, page, "Ettlångtordutanmellanrum" * 20)
        await here.house.agent_takes(contact, "Annamariakristinaelisabethlångtnamn")
        await here.house.agent_writes(contact, "https://example.se/" + "x" * 200)
        await expect(page.get_by_role("log")).to_contain_text("example.se")
        await page.get_by_role("button", name="Fler val").click()
        wide = await page.evaluate(
            "() => [document.documentElement, ...document.querySelector('servicecenter-chat').shadowRoot"
            ".querySelectorAll('*')].map(e => e.scrollWidth)"
        )

        assert max(wide) <= 320
        small = await page.get_by_role("dialog").evaluate(
            "box => [...box.querySelectorAll('button')].filter(e => e.offsetParent)"
            ".filter(e => e.offsetHeight < 24 || e.offsetWidth < 24).map(e => e.textContent)"
        )
        assert small == []


async def test_ways_out_of_the_chat(browser: Browser) -> None:
    """A callback instead, the conversation by mail, or saved as a file: each from the keyboard-reachable choices."""
    async with street(browser) as here:
        page = await here.page()
        contact = await begun(here, page)
        await page.get_by_role("button", name="Fler val").click()
        await page.get_by_role("button", name="Få chatten som e-post").click()
        await expect(page.get_by_label("E-post")).to_be_focused()
        await page.get_by_label("E-post").fill("inte en adress")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("Kontrollera det du har fyllt i.")
        await page.get_by_label("E-post").fill("kim@example.se")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_have_text("Vi skickar chatten till dig.")
        assert [owed.to for owed in here.house.inbox.owed] == ["kim@example.se"]
        async with page.expect_download() as saving:
            await page.get_by_role("button", name="Spara chatten").click()
        assert "När öppnar badet?" in (await (await saving.value).path()).read_text(encoding="utf-8")
        await page.get_by_role("button", name="Ring mig i stället").click()
        await page.get_by_label("Telefonnummer").fill("ring mig")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("Kontrollera det du har fyllt i.")
        await page.get_by_label("Telefonnummer").fill("+46 70 174 06 05")
        await page.keyboard.press("Enter")

        await expect(page.get_by_role("status")).to_have_text("Tack! Vi ringer upp dig.")
        assert here.house.inbox.calls_wanted == [(contact, "+46701740605")]
        await page.get_by_role("button", name="Ny chatt").click()
        await expect(page.get_by_label(ASK)).to_be_visible()


async def test_files_go_both_ways(browser: Browser) -> None:
    """A picture is chosen and arrives; a file of the agent's is saved; one of a forbidden kind is refused in words."""
    async with street(browser) as here:
        page = await here.page()
        contact = await begun(here, page)
        png = b"\x89PNG\r\n\x1a\n" + bytes(100)
        await page.locator("input[type=file]").set_input_files(
            [{"name": "grop; i gatan.png", "mimeType": "image/png", "buffer": png}]
        )
        await expect(page.get_by_role("log")).to_contain_text("Skickat")
        ((_, message),) = here.house.inbox.messages
        assert here.house.inbox.blobs[message.attachments[0].blob] == png
        await page.locator("input[type=file]").set_input_files(
            [{"name": "a.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}]
        )
        await expect(page.get_by_role("status")).to_have_text("Den filtypen tar vi inte emot.")
        await here.give(contact, "karta.pdf", b"%PDF-1.7")
        async with page.expect_download() as saving:
            await page.get_by_role("button", name="Hämta: karta.pdf").click()
        download = await saving.value

        assert download.suggested_filename == "karta.pdf"
        assert (await download.path()).read_bytes() == b"%PDF-1.7"


async def test_outside_hours_there_is_a_form(browser: Browser) -> None:
    """When nobody is there a message can be left, with a way to answer; a form without one says what is missing."""
    settings = ChatSettings(queue="general", topics={"baths": {"sv": "Bad och simhallar", "en": "Baths"}})
    async with street(browser, settings) as here:
        here.house.inbox.is_open = False
        page = await here.page()
        await page.get_by_role("button", name="Chatta med oss").click()
        await page.get_by_label("Vad gäller det?").select_option("baths")
        await page.get_by_label(ASK).fill("Är badet öppet på lördag?")
        await page.get_by_role("button", name="Skicka meddelandet").click()
        await expect(page.get_by_role("alert")).to_contain_text("e-post eller telefonnummer")
        await page.get_by_label("E-post").fill("kim@example.se")
        await page.get_by_role("button", name="Skicka meddelandet").click()
        await expect(page.get_by_role("status")).to_have_text("Tack! Vi har fått ditt meddelande.")

        contact = here.house.inbox.contacts["c01"]
        assert (contact.channel, contact.topic, contact.person.email) == ("web", "baths", "kim@example.se")


async def test_it_speaks_english_and_the_citys_own_words(browser: Browser) -> None:
    """In English on an English page, with what the city has written before what the widget would say."""
    texts = Texts(title="Talk to Ekeby", greeting="Ask us anything.", privacy="We keep this for two years.")
    async with street(browser, ChatSettings(texts={"en": texts})) as here:
        page = await here.page(path="/v1/chat/demo?lang=en")
        await page.get_by_role("button", name="Chat with us").click()
        await expect(page.get_by_role("dialog", name="Talk to Ekeby")).to_contain_text("Ask us anything.")
        await expect(page.get_by_role("dialog")).to_contain_text("We keep this for two years.")
        await page.get_by_label("Your question").fill("Hello")
        await page.get_by_role("button", name="Start the chat").click()

        assert (here.house.inbox.contacts[await here.contact()]).person.language == "en"


async def test_who_does_not_look_hears_of_new_words(browser: Browser) -> None:
    """With the dialog closed the button counts in words what has come; opening it, the count is gone."""
    async with street(browser) as here:
        page = await here.page()
        contact = await begun(here, page)
        await here.house.agent_takes(contact)
        await page.keyboard.press("Escape")
        await here.house.agent_writes(contact, "Hallå?")
        await expect(page.get_by_role("button", name="Chatta med oss (1 nya)")).to_be_visible()
        await expect(page.locator("servicecenter-chat .aside")).to_have_text("Chatt: 1 nya")
        assert ("c01", "read", 2) not in here.house.inbox.signals
        await page.get_by_role("button", name="Chatta med oss").click()

        await expect(page.get_by_role("button", name="Chatta med oss", exact=True)).to_be_visible()
        assert json.loads(await page.evaluate("sessionStorage['servicecenter-chat']"))["isShown"] is True
