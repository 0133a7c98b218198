"""A note and its history, as a person reads them."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.server.pages.conftest import Pages

PULL = "https://github.com/kestrelmoor/web/pull/7"


def in_words(page: str) -> str:
    """What is read, without tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.partition("<main")[2])).split())


def test_a_note_says_what_it_is_who_changed_it_last_and_why(pages: Pages) -> None:
    pages.call("upsert_note", slug="sop-a", content="# Roll back\n\nFirst stop.\n", note_type="sop", status="active")
    pages.call(
        "edit_note",
        by="claude-code",
        ref="sop-a",
        mode="append",
        new_text="\nThen look.\n",
        reason="it was missing",
        revised_by=PULL,
    )
    page = pages.owner().page("/notes/sop-a")
    assert "<title>Roll back · Notewell</title>" in page
    assert page.count("<h1") == 1
    assert '<h1 id="roll-back">Roll back</h1>' in page
    words = in_words(page)
    assert "r2 by ◆ agent claude-code , just now , PR #7 it was missing" in words
    assert "First stop. Then look." in words
    assert f'href="{PULL}"' in page
    assert 'href="/notes?note_type=sop"' in page


def test_links_lead_to_pages_and_those_to_nothing_are_told_apart(pages: Pages) -> None:
    text = "# A\n\n[[b]], [[b#part|there]], [[gone]], [file](x/drawing.pdf), [away](https://example.org/), [here](#a)\n"
    pages.call("upsert_note", slug="b", content="# B\n\n## Part\n")
    pages.call("upsert_note", slug="a", content=text)
    page = pages.owner().page("/notes/a")
    assert '<a class="note-link" href="/notes/b">b</a>' in page
    assert '<a class="note-link" href="/notes/b#part">there</a>' in page
    assert '<a class="note-link missing" href="/new?name=gone" title="there is no such note yet">gone</a>' in page
    of_a_reader = pages.holder(pages.make_token("reads", "read")).page("/notes/a")
    assert (
        '<a class="note-link missing" href="/search?q=gone" title="there is no such note yet">gone</a>' in of_a_reader
    )
    assert '<a class="absent" title="a file that is not kept here: x/drawing.pdf">file</a>' in page
    assert 'href="https://example.org/"' in page
    assert 'href="#a"' in page


def test_no_image_is_asked_for_that_is_not_kept(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n\n![a drawing](img/x.png)\n\n![](data:image/png;base64,AAAA)\n")
    page = pages.owner().page("/notes/a")
    assert "img/x.png" in page
    assert re.findall(r'src="(?!/static/)([^"]*)"', page) == ["data:image/png;base64,AAAA"]


def test_backlinks_come_with_the_sentence_in_which_they_stand(pages: Pages) -> None:
    pages.call("upsert_note", slug="b", content="# B\n")
    pages.call("upsert_note", slug="a", content="# A\n\nSomething else. Whoever *deploys* reads [[b]] first! More.\n")
    pages.call("upsert_note", slug="c", content="# C\n\n| step | where |\n|---|---|\n| one | [[b#x]] |\n")
    pages.call("link_notes", source="a", targets=["b"], relation="implements")
    words = in_words(pages.owner().page("/notes/b"))
    assert "Linked from 2 A Whoever deploys reads b first! C one · b#x" in words


def test_what_stands_above_beside_and_below_leads_there(pages: Pages) -> None:
    for slug, parent in (("top", None), ("left", "top"), ("mid", "top"), ("low", "mid")):
        pages.call("upsert_note", slug=slug, content=f"# {slug.title()}\n", **({"parent": parent} if parent else {}))
    page = pages.owner().page("/notes/mid")
    tree = page.partition('<nav class="tree"')[2].partition("</nav>")[0]
    assert re.findall(r'href="/notes/(\w+)"', tree) == ["top", "left", "mid", "low"]
    assert '<a href="/notes/mid" aria-current="page">Mid</a>' in tree


def test_a_former_name_a_number_and_a_title_lead_to_the_one_address(pages: Pages) -> None:
    pages.call("upsert_note", slug="old", content="# The name\n")
    pages.call("upsert_note", slug="old", new_slug="new")
    for name in ("old", "1", "The%20name"):
        answer = pages.owner().get(f"/notes/{name}?rev=1")
        assert (answer.status, answer.headers["location"]) == (301, "/notes/new?rev=1")
    assert pages.owner().get("/notes/old/history").headers["location"] == "/notes/new/history"


def test_a_deleted_note_says_who_deleted_it_and_why_and_shows_what_it_said(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A plan\n\nTo do.\n")
    pages.call("delete_note", by="codex", ref="a", reason="it is done")
    reader = pages.owner()
    answer = reader.get("/notes/a")
    assert answer.status == 410
    assert "Deleted by ◆ agent codex , just now : it is done ." in in_words(answer.body.decode())
    assert "To do." in reader.page("/notes/a?rev=1")
    assert "it is done" in reader.page("/notes/a/history")


def test_a_former_revision_says_that_it_is_one(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n\nBefore.\n")
    pages.call("edit_note", ref="a", mode="replace", old_text="Before", new_text="After")
    page = pages.owner().page("/notes/a?rev=1")
    assert "Before." in page
    assert '<a href="/notes/a">Read revision 2, the newest</a>' in page
    assert "This is revision" not in pages.owner().page("/notes/a?rev=2")


def test_a_history_goes_on_where_it_was_cut(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    for number in range(51):
        pages.call("edit_note", ref="a", mode="append", new_text=f"\n{number}\n", reason=f"reason {number}")
    page = pages.owner().page("/notes/a/history")
    assert "52 revisions" in page
    (older,) = re.findall(r'href="(\?cursor=[^"]+)"', page)
    rest = pages.owner().page(f"/notes/a/history{html.unescape(older)}")
    assert re.findall(r">r(\d+)<", rest) == ["2", "1"]


def test_no_heading_of_a_note_has_an_id_of_the_page_itself(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n\n## Main {#nw/main}\n\n## Other {#main}\n")
    page = pages.owner().page("/notes/a")
    assert page.count('id="nw/main"') == 1


def test_a_page_that_is_known_is_not_sent_again_until_something_changes(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    pages.call("upsert_note", slug="b", content="# B\n")
    reader = pages.owner()
    etag = reader.get("/notes/a").headers["etag"]
    again = reader.get("/notes/a", If_None_Match=etag)
    assert (again.status, again.body) == (304, b"")
    assert "content-security-policy" not in again.headers  # it would take the place of that of the page
    lines = sum(len(name) + len(value) + 4 for name, value in again.headers.items())
    assert len("HTTP/1.1 304 Not Modified\r\n") + lines + len("\r\n") <= 500
    pages.call("edit_note", ref="b", mode="append", new_text="\nSee [[a]].\n")  # a link to it is on its page too
    assert reader.get("/notes/a", If_None_Match=etag).status == 200


def test_a_page_is_another_for_each_reader_and_theme(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n", is_public=True)
    anybody, owner = pages.anybody(), pages.owner()
    etags = [anybody.get("/notes/a").headers["etag"], owner.get("/notes/a").headers["etag"]]
    owner.post("/settings", theme="dark")
    etags.append(owner.get("/notes/a").headers["etag"])
    assert len(set(etags)) == 3
    assert owner.get("/notes/a").headers["cache-control"] == "private, no-cache"
    assert 'data-theme="dark"' in owner.page("/notes/a")


def test_who_may_not_see_a_note_is_told_the_same_as_if_there_were_none(pages: Pages) -> None:
    pages.call("upsert_note", slug="secret", content="# Secret\n")
    told = [pages.anybody().get(f"/notes/{name}") for name in ("secret", "nowhere")]
    assert [answer.status for answer in told] == [404, 404]
    assert told[0].body.decode().replace("secret", "nowhere") == told[1].body.decode()
    assert "Secret" not in pages.anybody().page("/notes")
    assert pages.anybody().get("/notes/secret/history").status == 404
