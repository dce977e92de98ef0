"""A real browser for pages of ours: Debian's Chromium, driven; tests that need it skip without it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = Path("/usr/bin/chromium")
IS_HERE = CHROMIUM.exists()
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@asynccontextmanager
async def chromium() -> AsyncGenerator[Browser]:
    """The browser while the context is open."""
    if not IS_HERE:
        pytest.skip("needs Chromium")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield browser
        await browser.close()


@cache
def axe() -> str:
    """The accessibility checker's own text."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


async def violations(page: Page) -> list[str]:
    """What is not accessible on the page as it stands; evaluated, because the page's policy lets no script in."""
    await page.evaluate(axe())
    found = cast("dict[str, Any]", await page.evaluate("rules => axe.run({runOnly: rules})", RULES))
    return [f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in found["violations"]]
