"""A real browser, which the tests drive as a person would; it can reach loopback and nothing else."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.counterparts.need import need

ARGUMENTS = (
    "--no-sandbox",  # the sandbox needs rights that root in a container lacks; it meets our own pages only
    "--disable-gpu",
    "--disable-dev-shm-usage",  # containers often have 64 MB there, and the page crashes
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Give a browser; each `new_context()` of it is another person, with cookies of their own."""
    executable = need("chromium")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield started
        await started.close()


@pytest.fixture
async def chromium(browser: Browser) -> AsyncIterator[Page]:
    """Give an empty page of one person; a question that takes over 10 s is answered by a failure."""
    context = await browser.new_context(locale="en-GB", timezone_id="UTC")
    page = await context.new_page()
    page.set_default_timeout(10_000)
    yield page
    await context.close()
