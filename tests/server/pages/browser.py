"""A real browser: the system's Chromium, driven by playwright. What a page's console says is a fault."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page
    from tests.server.pages.conftest import Pages

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
PATIENCE = 20_000  # milliseconds, far more than anything takes
CONTRAST = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
"""What is well is not told of each element: that takes longer than to find it so."""
LEFT = "net::ERR_ABORTED"
"""How a request fails whose page was left meanwhile."""
REFUSED = "Failed to load resource: the server responded with a status of 409"
WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Skips where there is none."""
    if PROGRAM is None:
        pytest.skip("there is no Chromium here")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed here")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def visiting(
    browser: Browser, pages: Pages, *, is_owner: bool = True, forbidden: str | None = None, **context: Any
) -> Iterator[Page]:
    """A page of a browser that knows nothing else, signed in as the owner if it is; in the end nothing has gone wrong:
    no error, nothing that the policy forbade, no request that failed but for pages that are to be missing. `forbidden`
    matches what a browser says of that which the policy is to forbid."""
    opened = browser.new_context(base_url=f"http://127.0.0.1:{pages.site.port}", **context)
    opened.set_default_timeout(PATIENCE)
    if is_owner:
        for name, value in pages.owner().cookies.items():
            opened.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{pages.site.port}"}])
    page = opened.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if is_fault(said, page) else None)
    page.on("requestfailed", lambda request: faults.append(request.url) if request.failure != LEFT else None)
    try:
        yield page
    finally:
        opened.close()
    left = [fault for fault in faults if not (forbidden and re.search(forbidden, fault))]
    assert left == [], left


def is_fault(said: Any, page: Page) -> bool:
    """A page that is to be missing is told as an error of its own address, and a write that is refused as one of the
    form's: what it says is for the page to show."""
    of_itself = "Failed to load resource" in said.text and said.location["url"] == page.url
    return said.type in ("error", "warning", "assert") and not of_itself and REFUSED not in said.text


def violations(page: Page, options: dict[str, list[str]] = WCAG) -> list[str]:
    """What axe finds, each with where it stands."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed here").Axe()
    found = axe.run(page, options=options).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
