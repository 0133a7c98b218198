"""Writes docs/pictures/: the real pages of the sample knowledge, as Chromium shows them. Run by `make pictures`."""

import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

HERE = Path(__file__).resolve().parent
PICTURES = HERE / "pictures"
NOTEWELL = str(Path(sys.executable).with_name("notewell"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SIZE: ViewportSize = {"width": 1280, "height": 800}
MOST = 150_000
"""Bytes of a picture that a repository is to carry."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"

BEFORE, AFTER = (
    "Look at the logs yourself, then `hl proceed 20418` or hold",
    "Read the logs, then `hl proceed 20418` or hold",
)
HELD = "Hold first, think second: `hl hold <number>` is always safe."


def main() -> None:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        sys.exit("pictures are made by Chromium, which is not installed here")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        run = Command(Path(folder) / "notewell.db")
        fill(run)
        browser = driver.chromium.launch(executable_path=program)
        with signed_in(run, browser) as page:
            take(page, run)
        browser.close()


class Command:
    """`notewell` on a store of its own."""

    def __init__(self, store: Path) -> None:
        self._environment = {**os.environ, "NOTEWELL_DB": str(store), "NOTEWELL_ACTOR": "ines"}

    def __call__(self, *words: str, by: str) -> None:
        environment = {**self._environment, "NOTEWELL_ACTOR": by}
        subprocess.run([NOTEWELL, *words], env=environment, check=True, stdout=subprocess.DEVNULL)

    @contextmanager
    def pages(self) -> Iterator[str]:
        """The address that lets its reader in."""
        words = [NOTEWELL, "open", "--no-browser"]
        with subprocess.Popen(
            words, env=self._environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as serving:
            assert serving.stdout is not None
            yield serving.stdout.readline().strip()
            serving.terminate()


def fill(run: Command) -> None:
    run("import", str(HERE.parent / "examples"), by="ines")
    replace(run, "sop-deploy", BEFORE, AFTER, "the first ten did not look", by="claude-code")
    for status in ("doing", "review"):
        run("upsert-note", "todo-beacon-low-traffic", "--status", status, by="claude-code")


def replace(run: Command, slug: str, before: str, after: str, reason: str, by: str) -> None:
    words = ("--mode", "replace", "--old-text", before, "--new-text", after, "--reason", reason)
    run("edit-note", slug, *words, by=by)


@contextmanager
def signed_in(run: Command, browser: Browser) -> Iterator[Page]:
    with run.pages() as address:
        page = browser.new_page(viewport=SIZE)
        page.goto(address)
        yield page


def take(page: Page, run: Command) -> None:
    site = page.url.rstrip("/")

    def picture(name: str, path: str, then: Callable[[], object] = lambda: None) -> None:
        page.goto(f"{site}{path}")
        then()
        written = smaller(page.screenshot())
        if len(written) > MOST:
            sys.exit(f"{name} has {len(written):,} bytes")
        (PICTURES / f"{name}.png").write_bytes(written)

    picture("note", "/notes/arch-rollout-engine")
    picture("difference", "/notes/sop-deploy/diff?from=1&to=2")
    picture("board", "/boards/board-todos")
    picture("conflict", "/notes/sop-deploy/edit", lambda: conflict(page, run))
    page.emulate_media(color_scheme="dark")
    picture("board-dark", "/boards/board-todos")


def conflict(page: Page, run: Command) -> None:
    """Both write the same sentence: somebody on the page, an agent meanwhile."""
    field = page.get_by_label("Markdown")
    field.fill(field.input_value().replace(HELD, f"{HELD} Say so in `#deploys`."))
    replace(
        run,
        "sop-deploy",
        HELD,
        HELD.replace("first, think second", "at once"),
        "INC-231 was held late",
        by="claude-code",
    )
    page.keyboard.press("Control+s")
    page.get_by_text("Nothing is lost").wait_for()


def smaller(picture: bytes) -> bytes:
    """The same picture, packed harder than a browser does."""
    chunks = list(chunks_of(picture))
    data = zlib.compress(zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT")), 9)
    kept = [chunk for chunk in chunks if chunk[0] not in (b"IDAT", b"IEND")]
    return SIGNATURE + b"".join(chunk(*one) for one in (*kept, (b"IDAT", data), (b"IEND", b"")))


def chunks_of(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(picture):
        size = int.from_bytes(picture[at : at + 4])
        yield picture[at + 4 : at + 8], picture[at + 8 : at + 8 + size]
        at += size + 12


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)


if __name__ == "__main__":
    main()
