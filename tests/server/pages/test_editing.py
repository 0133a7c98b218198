"""Writing by page: forms, drafts, what is saved byte for byte, and what comes back where it cannot be."""

from __future__ import annotations

import html
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from notewell_server.pages.forms import with_ends_of, with_line_feeds
from notewell_store import Attribution, Change
from notewell_store.writing import drafts
from notewell_store.writing.pipeline import write

if TYPE_CHECKING:
    from tests.server.http.conftest import Answer
    from tests.server.pages.conftest import Pages, Reader

FIELD = re.compile(r'<input (?:type="hidden" )?name="(\w[\w-]*)" value="([^"]*)"')
TEXT = re.compile(r'<textarea [^>]*name="content"[^>]*>\n?(.*?)</textarea>', re.DOTALL)


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the form of a page, were nothing typed: line ends as forms have them."""
    found = TEXT.search(page)
    assert found is not None
    fields = {name: html.unescape(value) for name, value in FIELD.findall(page)}
    text = html.unescape(found[1].replace("\r\n", "\n").replace("\r", "\n"))
    checked = {"is_public": "public"} if 'value="public" checked' in page else {}
    return fields | checked | {"content": text.replace("\n", "\r\n")}


def opened(reader: Reader, path: str) -> dict[str, str]:
    return form_of(reader.page(path))


def sent_on(answer: Answer) -> str:
    assert answer.status == 303, (answer.status, answer.body.decode())
    return answer.headers["location"]


def read(pages: Pages, slug: str) -> dict[str, Any]:
    found: dict[str, Any] = pages.call("get_note", ref=slug)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "# A\n\none\n",
        "# A\r\n\r\none\r\n",
        "\n\n# A\n",
        "\r\n# A\r\nb\nc\rd",
        "# A & <b>\n\n\ttab  \n",
        "no end",
        "\N{SNOWMAN}\r\n",
    ],
)
def test_what_is_saved_unchanged_is_the_same_byte_for_byte(pages: Pages, text: str) -> None:
    pages.call("upsert_note", slug="a", content=text)
    reader = pages.owner()
    assert sent_on(reader.send("/notes/a/edit", opened(reader, "/notes/a/edit"))) == "/notes/a?saved=unchanged"
    assert read(pages, "a")["markdown"] == text


def test_a_new_line_gets_the_line_end_that_the_note_has(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\r\n\r\none\r\n")
    reader = pages.owner()
    form = opened(reader, "/notes/a/edit")
    form["content"] += "two\r\n"
    assert sent_on(reader.send("/notes/a/edit", form)) == "/notes/a?saved=updated"
    assert read(pages, "a")["markdown"] == "# A\r\n\r\none\r\ntwo\r\n"


def test_line_ends_are_kept_line_by_line_where_they_differ() -> None:
    before = "a\r\nb\nc\rd"
    assert with_ends_of(before, with_line_feeds(before)) == before
    assert with_ends_of(before, "a\nB\nc\nd\ne") == "a\r\nB\r\nc\rd\r\ne"
    assert with_ends_of("", "a\r\nb") == "a\nb"


def test_a_save_is_a_revision_with_who_and_why(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n", tags=["x", "y"], status="active")
    reader = pages.owner()
    form = opened(reader, "/notes/a/edit")
    form |= {
        "content": "# A\r\n\r\nmore\r\n",
        "reason": "it was short",
        "status": "draft",
        "tags": "y, z",
        "is_public": "public",
    }
    reader.send("/notes/a/edit", form)
    note = read(pages, "a")
    assert (note["markdown"], note["status"], note["tags"], note["is_public"]) == (
        "# A\n\nmore\n",
        "draft",
        ["y", "z"],
        True,
    )
    newest = pages.call("revisions", ref="a", limit=1)["revisions"][0]
    assert (newest["actor"], newest["reason"]) == ("owner", "it was short")


def test_a_field_that_is_emptied_says_nothing_any_more(pages: Pages) -> None:
    pages.call("upsert_note", slug="top", content="# Top\n")
    pages.call("upsert_note", slug="a", content="# A\n", parent="top", status="active", tags=["x"])
    reader = pages.owner()
    reader.send("/notes/a/edit", opened(reader, "/notes/a/edit") | {"parent": "", "status": "", "tags": ""})
    note = read(pages, "a")
    assert (note["parent"], note["status"], note["tags"], note["markdown"]) == (None, None, [], "# A\n")


def test_what_others_changed_elsewhere_is_merged_and_said(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n\none\n\ntwo\n", tags=["x"])
    reader = pages.owner()
    form = opened(reader, "/notes/a/edit")
    pages.call("upsert_note", by="claude-code", slug="a", content="# A\n\nONE\n\ntwo\n", if_revision=1, add_tags=["y"])
    form |= {"content": "# A\r\n\r\none\r\n\r\nTWO\r\n", "tags": "z"}
    onwards = sent_on(reader.send("/notes/a/edit", form))
    assert onwards == "/notes/a?saved=merged&merged=2"
    assert "Saved together with r2, which came while you wrote" in reader.page(onwards)
    note = read(pages, "a")
    assert (note["markdown"], note["tags"]) == ("# A\n\nONE\n\nTWO\n", ["y", "z"])


def test_what_cannot_be_saved_comes_back_with_all_that_was_typed(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    reader = pages.owner()
    typed = {"content": "# A\r\n\r\nlong work\r\n", "reason": "because", "parent": "nowhere"}
    answer = reader.send("/notes/a/edit", opened(reader, "/notes/a/edit") | typed)
    page = answer.body.decode()
    assert answer.status == 404
    assert "Nothing was saved, and nothing is lost" in page
    assert form_of(page) == opened(reader, "/notes/a/edit") | typed
    assert read(pages, "a")["revision"] == 1


def test_who_was_signed_out_meanwhile_gets_the_text_back(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n", is_public=True)
    form = opened(pages.owner(), "/notes/a/edit") | {"content": "# A\r\n\r\nlong work\r\n"}
    answer = pages.anybody().send("/notes/a/edit", form)
    assert answer.status == 401
    assert "You are no longer signed in" in answer.body.decode()
    assert form_of(answer.body.decode())["content"] == form["content"]


def test_an_empty_text_is_not_saved(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    reader = pages.owner()
    assert reader.send("/notes/a/edit", opened(reader, "/notes/a/edit") | {"content": " "}).status == 422


def test_what_a_save_warns_of_is_said(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    reader = pages.owner()
    secret = "ghp_" + "a1B2" * 9
    answer = reader.send("/notes/a/edit", opened(reader, "/notes/a/edit") | {"content": f"# A\r\n\r\n{secret}\r\n"})
    assert answer.status == 200
    assert "Saved as r2" in answer.body.decode()
    assert "seems to hold" in answer.body.decode()


def test_a_missing_link_leads_to_a_form_with_its_name(pages: Pages) -> None:
    pages.call("projects", slug="web", name="Web")
    pages.call("upsert_note", slug="a", content="# A\n\nSee [[release-checklist]].\n", project="web")
    reader = pages.owner()
    (found,) = set(re.findall(r'class="note-link missing" href="([^"]+)"', reader.page("/notes/a")))
    assert html.unescape(found) == "/new?project=web&name=release-checklist"
    form = opened(reader, html.unescape(found))
    assert (form["slug"], form["title"], form["project"]) == ("release-checklist", "Release checklist", "web")
    assert form["content"] == "# Release checklist\r\n\r\n"
    assert sent_on(reader.send("/new", form)) == "/notes/release-checklist?saved=created"
    assert read(pages, "release-checklist")["project"] == "web"


def test_a_new_note_takes_the_place_of_none(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    answer = pages.owner().post("/new", slug="a", title="A", content="# Another\r\n", revision="0")
    assert answer.status == 409
    assert "There is a note called a already" in answer.body.decode()
    assert form_of(answer.body.decode())["content"] == "# Another\r\n"
    assert read(pages, "a")["markdown"] == "# A\n"


def test_a_preview_shows_the_draft_and_what_is_amiss_with_it(pages: Pages) -> None:
    pages.call("upsert_note", slug="deploy", content="# Deploy\n")
    pages.call("upsert_note", slug="template-sop", content="# SOP\n\n## Steps\n\n## Roll back\n", note_type="template")
    sent = {
        "slug": "new",
        "note_type": "sop",
        "content": "# New\r\n\r\n[[deploy]], [[deploi]] and [[new]]\r\n\r\n## Steps\r\n",
    }
    page = pages.owner().send("/preview", sent).body.decode()
    assert "2 references, <b>1 not found</b>" in page
    assert '<button type="button" data-instead="deploi">deploy</button>' in page
    assert "Headings that its template wants:</b> Roll back" in page
    assert '<a class="note-link" href="/notes/deploy">deploy</a>' in page
    assert "<html" not in page


def test_a_preview_of_a_hostile_draft_is_clean_and_of_a_long_one_is_not_made(pages: Pages) -> None:
    reader = pages.owner()
    page = reader.post("/preview", content="<script>ran()</script><img src=x onerror=ran()>").body.decode()
    assert "<script" not in page
    assert "onerror" not in page
    assert "too long to be shown" in reader.post("/preview", content="word " * 30_000).body.decode()


def test_without_scripts_the_preview_is_part_of_the_form(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    reader = pages.owner()
    typed = opened(reader, "/notes/a/edit") | {"content": "# A\r\n\r\n**bold** [[nowhere]]\r\n", "show": "preview"}
    page = reader.send("/notes/a/edit", typed).body.decode()
    assert "<strong>bold</strong>" in page
    assert "1 not found" in page
    assert form_of(page)["content"] == typed["content"]
    assert read(pages, "a")["revision"] == 1


def test_who_may_not_write_is_offered_nothing_and_refused_everything(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n\n[[b]]\n", is_public=True)
    reader = pages.holder(pages.make_token("reads", "read"))
    page = reader.page("/notes/a")
    assert "/edit" not in page
    assert "/new" not in page
    assert "<form action" not in page
    assert [reader.get(path).status for path in ("/notes/a/edit", "/new")] == [403, 403]
    for path in ("/notes/a/edit", "/notes/a/resolve", "/notes/a/confirm", "/notes/a/delete", "/new", "/preview"):
        answer = reader.post(path, content="x", revision="1", newest="1", slug="c", title="c")
        assert answer.status == 403, path
    answer = pages.anybody().get("/new")
    assert answer.status == 401
    assert 'href="/sign-in?next=/new"' in answer.body.decode()
    assert (read(pages, "a")["revision"], pages.call("list_notes")["total"]) == (1, 1)


def test_who_may_write_in_one_project_writes_there_only(pages: Pages) -> None:
    for slug in ("web", "app"):
        pages.call("projects", slug=slug, name=slug)
        pages.call("upsert_note", slug=f"of-{slug}", content="# A\n", project=slug, is_public=True)
    reader = pages.holder(pages.make_token("web-team", "write", project="web"))
    assert "/edit" in reader.page("/notes/of-web")
    assert "/edit" not in reader.page("/notes/of-app")
    form = opened(reader, "/notes/of-app/edit")
    assert reader.send("/notes/of-app/edit", form | {"content": "# B\r\n"}).status == 403
    assert sent_on(reader.send("/notes/of-web/edit", opened(reader, "/notes/of-web/edit") | {"content": "# B\r\n"}))


def test_another_site_can_send_no_form(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    for path in ("edit", "resolve", "confirm", "delete"):
        elsewhere = {"Origin": "https://example.org", "Sec_Fetch_Site": "cross-site"}
        assert pages.owner().post(f"/notes/a/{path}", elsewhere, content="x", revision="1").status == 403
    assert read(pages, "a")["revision"] == 1


def test_a_note_is_said_to_hold_still_and_its_history_tells_who_said_so(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    reader = pages.owner()
    onwards = sent_on(reader.post("/notes/a/confirm", revision="1", reason="walked through it"))
    assert "You said that it still holds" in reader.page(onwards)
    history = reader.page("/notes/a/history")
    assert "walked through it" in history
    assert "confirmed" in history


def test_a_note_that_was_confirmed_is_no_longer_shown_as_old(pages: Pages) -> None:
    compose = partial(drafts.upsert, slug="a", change=Change(content="# A\n", note_type="sop"), if_revision=None)
    write(pages.store, compose, Attribution("ann", at="2020-01-01T00:00:00.000Z"))
    reader = pages.owner()
    assert "may be out of date" in reader.page("/notes/a")
    reader.post("/notes/a/confirm", revision="1")
    assert "may be out of date" not in reader.page("/notes/a")


def test_who_read_an_older_revision_neither_confirms_nor_deletes_the_newer(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    pages.call("edit_note", ref="a", mode="append", new_text="\nMore.\n")
    reader = pages.owner()
    for path in ("confirm", "delete"):
        onwards = sent_on(reader.post(f"/notes/a/{path}", revision="1", reason="x"))
        assert "Somebody changed it since you read it" in reader.page(onwards)
    assert read(pages, "a")["revision"] == 2


def test_a_note_is_deleted_with_a_reason(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    reader = pages.owner()
    assert sent_on(reader.post("/notes/a/delete", revision="1", reason="it is over")) == "/notes/a"
    answer = reader.get("/notes/a")
    assert answer.status == 410
    assert "it is over" in answer.body.decode()


def test_a_form_of_too_many_fields_is_refused(pages: Pages) -> None:
    answer = pages.owner().send("/sign-in", {f"f{number}": "" for number in range(10_001)})
    assert answer.status == 400
