"""The page of what is read, for who administers the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conftest import Knowledge
from tests.server.pages.conftest import served
from tests.server.pages.test_overseeing import LONG_AGO, part
from tests.server.pages.test_reading import in_words

from notewell_server.reads.record import ReadRecord, folder_of
from notewell_store import Attribution
from notewell_store.redacting.redaction import read_wanted, redact
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.pages.conftest import Pages

HOSTILE = "<img src=x onerror=alert(1)>"


def read(pages: Pages, tool: str, /, door: Any = "stdio", **sent: Any) -> None:
    record = ReadRecord(str(pages.database))
    call_tool(lambda: Call(pages.store, "codex", door=door, recorder=record), tool, sent)
    record.close()


def test_it_shows_what_is_read_what_nobody_reads_and_what_was_searched_in_vain(pages: Pages) -> None:
    Knowledge(pages.store).put("old", "# Old\n", by=LONG_AGO)
    Knowledge(pages.store).put("over", "# Over\n", by=LONG_AGO, status="retired")
    pages.call("upsert_note", slug="a", content="# The A\n\n## Part\n\nWords.\n")
    owner = pages.owner()
    assert "Nothing was read yet" in owner.page("/reads")
    for _ in range(2):
        read(pages, "get_note", ref="a#part")
        read(pages, "search_notes", query=f"Nowhere {HOSTILE}")
    read(pages, "search_notes", query="absent")
    owner.page("/notes/a")
    owner.get("/search?q=typed", HX_Request="true")
    page = owner.page("/reads")
    words = in_words(page)
    assert "3 notes read, 3 searches, 0 briefs" in words
    assert part(page, "Read most") == ["/notes/a", "/notes/a#part"]
    assert part(page, "Read by nobody") == ["/notes/old"]
    assert HOSTILE not in page
    assert words.index("Nowhere") < words.index("absent")
    assert "typed" not in words
    assert "The record begins just now" in words
    assert "2 by agents" in words
    assert "1 by people" in words
    assert "just now by codex" in words
    assert "owner" not in words.partition("Read most")[2]


def test_it_is_of_one_project_where_that_is_asked(pages: Pages) -> None:
    pages.call("projects", slug="web", name="Web")
    for slug, project in (("of-web", "web"), ("of-none", None)):
        pages.call("upsert_note", slug=slug, content="# N\n", **({"project": project} if project else {}))
        read(pages, "get_note", ref=slug)
    read(pages, "search_notes", query="absent", project="web")
    read(pages, "search_notes", query="missing")
    page = pages.owner().page("/reads?project=web&days=7")
    assert part(page, "Read most") == ["/notes/of-web"]
    assert part(page, "Searched for in vain") == ["/search?q=absent"]


def test_nobody_but_administrators_of_the_whole_store_sees_it(pages: Pages) -> None:
    pages.call("projects", slug="web", name="Web")
    answer = pages.anybody().get("/reads")
    assert (answer.status, answer.headers["location"]) == (303, "/sign-in?next=/reads")
    for name, scope, project in (("w", "write", None), ("p", "admin", "web")):
        holder = pages.holder(pages.make_token(name, scope, project=project))
        assert holder.get("/reads").status == 403
        assert 'href="/reads"' not in holder.page("/")
    admin = pages.holder(pages.make_token("a", "admin"))
    assert 'href="/reads" aria-current="page"' in admin.page("/reads")
    assert 'href="/reads"' in admin.page("/")


def test_of_what_is_deleted_or_redacted_only_the_slug_is_told(pages: Pages) -> None:
    text = "# Hush {0}\n\n## Hush {0}\n\nx\n"
    for slug in ("gone", "taken"):
        pages.call("upsert_note", slug=slug, content=text.format("s3cr3t"))
        read(pages, "get_note", ref=f"{slug}#hush-s3cr3t")
    pages.call("delete_note", ref="gone")
    pages.call("upsert_note", slug="taken", content="# Open\n", title="Open", if_revision=1)
    redact(pages.store, read_wanted("taken@1"), Attribution("owner", reason="it leaked"))
    page = pages.owner().page("/reads")
    assert part(page, "Read most") == ["/notes/gone", "/notes/taken"]
    assert "gone deleted" in in_words(page)
    kept = "".join(path.read_text() for path in folder_of(str(pages.database)).iterdir())
    assert "hush" not in (page + kept).lower()


def test_half_a_character_in_a_search_leaves_the_page_whole(pages: Pages) -> None:
    read(pages, "search_notes", query="lone \ud800")
    assert part(pages.owner().page("/reads"), "Searched for in vain") == ["/search?q=lone%20%3F"]


def test_strangers_leave_no_trace(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n", is_public=True)
    pages.anybody().page("/notes/a")
    assert not folder_of(str(pages.database)).exists()


def test_it_says_when_nothing_is_recorded(tmp_path: Path) -> None:
    with served(tmp_path / "notewell.db", reads=False) as pages:
        pages.call("upsert_note", slug="a", content="# A\n")
        owner = pages.owner()
        owner.page("/notes/a")
        assert "Nothing is being recorded: NOTEWELL_READS is off ." in in_words(owner.page("/reads"))
        assert not folder_of(str(pages.database)).exists()
