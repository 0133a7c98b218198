"""A note's history, what lies between two revisions, who wrote what, and back again."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from tests.server.pages.test_reading import PULL, in_words

from notewell_tools.note_history import MOST_COMPARED

if TYPE_CHECKING:
    from tests.server.pages.conftest import Pages

FIRST = "# A rule\n\nWe look first.\n\n- one\n- two\n\nThe end.\n"


def write(pages: Pages, **more: Any) -> None:
    """Two revisions of a note: one by a person, one by an agent for a pull request."""
    pages.call("upsert_note", slug="a", content=FIRST, status="draft", reason="it was agreed")
    pages.call("edit_note", ref="a", by="codex", reason="we learnt", revised_by=PULL, **edited("first", "last"), **more)


def edited(old: str, new: str) -> dict[str, str]:
    return {"mode": "replace", "old_text": old, "new_text": new}


def test_a_history_says_how_much_who_why_and_what_kind(pages: Pages) -> None:
    write(pages)
    pages.call("upsert_note", slug="a", status="active", tags=["x"])
    page = pages.owner().page("/notes/a/history")
    words = in_words(page)
    assert "r3 no reason was given ● person ann · just now · status, tags read" in words
    assert "r2 we learnt PR #7 ◆ agent codex · just now · text +1 \N{MINUS SIGN}1 lines read" in words
    assert "r1 it was agreed ● person ann · just now · created +8 \N{MINUS SIGN}0 lines read" in words
    assert re.findall(r'href="(/notes/a/diff\?to=\d)"', page) == [f"/notes/a/diff?to={number}" for number in (3, 2, 1)]


def test_the_two_newest_are_chosen_and_any_two_can_be(pages: Pages) -> None:
    write(pages)
    page = pages.owner().page("/notes/a/history")
    assert re.findall(r'name="(\w+)" value="(\d)"[^>]* checked', page) == [("to", "2"), ("from", "1")]
    assert '<form class="compare" action="/notes/a/diff">' in page
    for query in ("from=1&to=2", "from=2&to=1", "to=2", "from=2&to=2", ""):
        assert "From r1 → to r2" in in_words(pages.owner().page(f"/notes/a/diff?{query}")), query


def test_lines_of_what_one_sees_first_of_a_history_are_counted_from_the_text_before(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content=FIRST)
    for number in range(60):
        pages.call("edit_note", ref="a", mode="append", new_text=f"\n{number}\n")
    page = pages.owner().page("/notes/a/history")
    assert len(re.findall(r'"came">\+1</span>', page)) == 50
    (older,) = re.findall(r'href="(\?cursor=[^"]+)"', page)
    rest = pages.owner().page(f"/notes/a/history{html.unescape(older)}")
    assert re.findall(r'"came">\+(\d+)<', rest) == ["1"] * 10 + ["8"]
    assert " checked" not in rest


def test_a_change_is_marked_on_the_page_in_one_column_and_side_by_side(pages: Pages) -> None:
    write(pages)
    reader = pages.owner()
    on_page = reader.page("/notes/a/diff?to=2")
    assert re.search(r'We look <del class="mark"[^>]*>first</del><ins class="mark">last</ins>\.</p>', on_page)
    assert "+1 \N{MINUS SIGN}1 lines, 1 place" in in_words(on_page)
    assert "◆ agent codex · just now · we learnt PR #7" in in_words(on_page)
    column = in_words(reader.page("/notes/a/diff?to=2&view=column"))
    assert "3 \N{MINUS SIGN} removed: We look first . 3 + added: We look last ." in column
    sides = reader.page("/notes/a/diff?to=2&view=sides")
    assert '<td class="before">We look <del>first</del>.</td><td class="at">3</td>' in sides
    assert '<td class="after">We look <ins>last</ins>.</td>' in sides


def test_what_is_left_out_is_counted_and_shown_in_the_whole_text(pages: Pages) -> None:
    write(pages)
    reader = pages.owner()
    page = reader.page("/notes/a/diff?to=2")
    assert "1 block the same" in in_words(page)
    assert "The end." not in page
    assert 'href="?to=2&amp;whole=1"' in page
    assert "The end." in reader.page("/notes/a/diff?to=2&whole=1")
    assert "The end." in reader.page("/notes/a/diff?to=2&view=column&whole=1")


def test_metadata_stand_in_the_same_view(pages: Pages) -> None:
    write(pages)
    pages.call("upsert_note", slug="a", status="active", tags=["x", "y"], new_slug="b", parent=None)
    page = pages.owner().page("/notes/b/diff?from=1&to=3")
    rows = re.findall(r'<th scope="row">([\w ]+)</th><td>(.*?)</td><td>(.*?)</td>', page)
    assert rows == [
        ("slug", "<del>a</del>", "<ins>b</ins>"),
        ("status", "<del>draft</del>", "<ins>active</ins>"),
        ("tags", "", "<ins>x, y</ins>"),
    ]
    pages.call("delete_note", ref="b")
    assert "deleted no yes" in in_words(pages.owner().page("/notes/b/diff?to=4"))
    alone = pages.owner().page("/notes/b/diff?to=3")
    assert "The text is the same." in alone


def test_one_steps_from_revision_to_revision_in_the_same_view(pages: Pages) -> None:
    write(pages)
    pages.call("edit_note", ref="a", mode="append", new_text="\nMore.\n")
    page = pages.owner().page("/notes/a/diff?to=2&view=sides")
    assert re.findall(r'href="([^"]*)" data-key="(\w)"', page) == [
        ("?to=1&amp;view=sides", "k"),
        ("?to=3&amp;view=sides", "j"),
    ]


def test_the_first_revision_brought_all_that_it_says(pages: Pages) -> None:
    write(pages)
    page = pages.owner().page("/notes/a/diff?to=1")
    assert "+8 \N{MINUS SIGN}0 lines, 1 place" in in_words(page)
    assert '<th scope="row">status</th><td></td><td><ins>draft</ins></td>' in page


def test_texts_that_are_too_much_to_be_compared_are_told_with_where_to_read_them(pages: Pages) -> None:
    many = "".join(f"word {number}\n" for number in range(MOST_COMPARED // 20))
    pages.call("upsert_note", slug="a", content=f"# A\n\n{many}")
    pages.call("edit_note", ref="a", mode="append", new_text=f"\nEnd {'x' * MOST_COMPARED}.\n")
    page = pages.owner().page("/notes/a/diff")
    assert "which is too much to be compared on a page" in page
    assert "notewell revisions a --diff 1..2" in page
    pages.call("upsert_note", slug="b", content="# B\n\n" + "&&\n" * 41_000)
    pages.call("edit_note", ref="b", mode="append", new_text="\nEnd.\n")
    page = pages.owner().page("/notes/b/diff")
    assert "too large to be compared as pages: these are their lines" in page
    assert "+ added: End." in in_words(page)


def test_no_revision_that_there_is_not_has_a_difference(pages: Pages) -> None:
    write(pages)
    assert pages.owner().get("/notes/a/diff?to=9").status == 404
    assert pages.owner().get("/notes/a/diff?from=7&to=9").status == 404
    assert pages.owner().get("/notes/nowhere/diff").status == 404
    pages.call("upsert_note", slug="a", new_slug="b")
    assert pages.owner().get("/notes/a/diff?to=1").headers["location"] == "/notes/b/diff?to=1"


def test_who_may_write_brings_a_revision_back_with_a_reason(pages: Pages) -> None:
    write(pages)
    writer = pages.owner()
    assert "Restore revision 1" in writer.page("/notes/a?rev=1")
    assert "Restore r1" in writer.page("/notes/a/diff?to=1")
    assert "Restore" not in writer.page("/notes/a/diff?to=2")
    answer = writer.post("/notes/a/restore", rev="1", reason="it was better")
    assert (answer.status, answer.headers["location"]) == (303, "/notes/a")
    assert "We look first." in writer.page("/notes/a")
    assert "it was better" in writer.page("/notes/a/history")
    assert "restore_note" in pages.log


def test_a_deleted_note_comes_back(pages: Pages) -> None:
    write(pages)
    pages.call("delete_note", ref="a", reason="over")
    writer = pages.owner()
    assert 'action="/notes/a/restore"' in writer.get("/notes/a").body.decode()
    assert 'action="/notes/a/restore"' in writer.page("/notes/a/history")
    assert writer.post("/notes/a/restore", reason="not over").status == 303
    assert "not over" in writer.page("/notes/a")


def test_who_may_not_write_is_offered_nothing_and_brings_nothing_back(pages: Pages) -> None:
    write(pages)
    reader = pages.holder(pages.make_token("reader", "read"))
    assert "Restore" not in reader.page("/notes/a?rev=1") + reader.page("/notes/a/diff?to=1")
    assert reader.post("/notes/a/restore", rev="1").status == 403
    assert pages.owner().post("/notes/a/restore", {"Origin": "https://evil.example"}, rev="1").status == 403
    assert "We look last." in pages.owner().page("/notes/a")


def test_who_writes_in_one_project_is_offered_to_restore_its_notes_and_no_public_one_of_others(pages: Pages) -> None:
    for slug in ("web", "app"):
        pages.call("projects", slug=slug, name=slug)
        pages.call("upsert_note", slug=f"{slug}-a", content="# A\n\nOne.\n", project=slug, is_public=True)
        pages.call("edit_note", ref=f"{slug}-a", **edited("One", "Two"))
        pages.call("upsert_note", slug=f"{slug}-gone", content="# Gone\n", project=slug, is_public=True)
        pages.call("delete_note", ref=f"{slug}-gone")
    writer = pages.holder(pages.make_token("web-writer", "write", project="web"))
    former = ("a?rev=1", "a/diff?to=1", "gone", "gone/history")
    for slug, is_offered in (("web", True), ("app", False)):
        shown = [writer.get(f"/notes/{slug}-{path}") for path in former]
        offered = [b"Restore" in answer.body for answer in shown if answer.status != 404]
        assert set(offered) == {is_offered}, slug


def test_a_former_text_links_to_what_lived_then(pages: Pages) -> None:
    pages.call("upsert_note", slug="b", content="# B\n")
    pages.call("upsert_note", slug="a", content="# A\n\nSee [[b]] and [[c]].\n")
    pages.call("edit_note", ref="a", **edited("See [[b]] and [[c]].", "Nothing."))
    pages.call("delete_note", ref="b")
    page = pages.owner().page("/notes/a?rev=1")
    assert '<a class="note-link" href="/notes/b">b</a>' in page.replace(' rel="noopener noreferrer nofollow"', "")
    assert "Links to 2" in in_words(page)
    assert page.count('class="missing"') == 1
    assert "Links to 2" in in_words(pages.owner().page("/notes/a?as_of=2"))


def test_a_note_is_shown_as_it_was_at_a_change_or_time(pages: Pages) -> None:
    write(pages)
    reader = pages.owner()
    assert "We look first." in reader.page("/notes/a?as_of=1")
    assert "This is revision 1," in in_words(f"<main{reader.page('/notes/a?as_of=1')}")
    assert "We look last." in reader.page("/notes/a?as_of=2099-01-01")
    assert reader.get("/notes/a?as_of=2001-01-01").status == 404
    assert reader.get("/notes/a?as_of=soon").status in (400, 422)


def test_each_block_says_who_wrote_it_and_leads_to_the_change(pages: Pages) -> None:
    write(pages)
    pages.call("edit_note", ref="a", **edited("- two", "- two\n- three"), reason="<b>a & b</b>")
    page = pages.owner().page("/notes/a?blame=here")
    words = in_words(page)
    assert "◆ agent codex r2" in words
    labels = re.findall(r'<a class="by" href="/notes/a/diff\?to=(\d)" title="([^"]*)"', page)
    assert labels == [
        ("2", "we learnt"),
        ("1", "it was agreed"),
        ("3", "&lt;b&gt;a &amp; b&lt;/b&gt;"),
        ("1", "it was agreed"),
    ]
    assert page.count('class="of heat-4"') == 5
    assert "data-line" not in page


def test_who_wrote_what_is_loaded_after_the_page(pages: Pages) -> None:
    write(pages)
    page = pages.owner().page("/notes/a?blame=1")
    assert 'hx-get="/notes/a?blame=here"' in page
    assert 'class="by"' not in page
    assert "blame=here" not in pages.owner().page("/notes/a").partition("<main")[2]


def test_no_text_says_itself_who_wrote_it(pages: Pages) -> None:
    forged = '<p data-line="1">x</p>\n\n\x0e1:1\x0f y\n\n<a class="by" href="/notes/a">◆ anna</a>\n'
    pages.call("upsert_note", slug="a", content=f"# A\n\n{forged}")
    pages.call("edit_note", ref="a", by="codex", mode="append", new_text="\nEnd.\n")
    page = pages.owner().page("/notes/a?blame=here")
    assert re.findall(r'<a class="by" href="[^"]*to=(\d)"', page) == ["1", "2"]
    assert 'class="by" href="/notes/a"' not in page
    assert "data-line" not in page


def test_who_sees_a_public_note_sees_of_its_history_what_was_public(pages: Pages) -> None:
    write(pages)
    pages.call("upsert_note", slug="a", is_public=True)
    anybody = pages.anybody()
    assert anybody.get("/notes/a").status == 200
    history = anybody.get("/notes/a/history").body.decode()
    seen = sorted(map(int, re.findall(r">r(\d)<", history)))
    assert [anybody.get(f"/notes/a/diff?to={number}").status for number in (1, 2, 3)] == [
        200 if number in seen else 404 for number in (1, 2, 3)
    ]
    assert anybody.get("/notes/a?blame=here").status == 200
