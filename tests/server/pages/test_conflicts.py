"""Two who wrote at once: settled place by place, and nothing that was typed is lost."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from tests.server.pages.test_editing import form_of, opened, read, sent_on

if TYPE_CHECKING:
    from tests.server.http.conftest import Answer
    from tests.server.pages.conftest import Pages, Reader

BASE = "# Deploy\n\n1. Open a pull request.\n2. Wait.\n\n## Freeze\n\nNothing on Fridays.\n\n## Roll back\n\nRevert.\n"
MINE = BASE.replace("Wait.", "Wait for the plan.").replace("Fridays", "Fridays after noon")
THEIRS = BASE.replace("Fridays", "weekends").replace("Revert.", "Revert the merge.")
BOTH_BUT_FREEZE = BASE.replace("Wait.", "Wait for the plan.").replace("Revert.", "Revert the merge.")
OWN = re.compile(r'<textarea name="(own-\d+)"[^>]*>\n?(.*?)</textarea>', re.DOTALL)


@pytest.fixture
def reader(pages: Pages) -> Reader:
    """Who opened the note before an agent changed it."""
    pages.call("upsert_note", slug="deploy", content=BASE, status="draft", tags=["a"])
    return pages.owner()


def meet(pages: Pages, reader: Reader, mine: str = MINE, theirs: str = THEIRS, **typed: str) -> Answer:
    form = opened(reader, "/notes/deploy/edit") | {"content": mine.replace("\n", "\r\n"), "reason": "clearer"} | typed
    revision = int(form["revision"])
    sent = {"slug": "deploy", "content": theirs, "if_revision": revision}
    pages.call("upsert_note", by="claude-code", reason="the freeze was broken twice", **sent)
    return reader.send("/notes/deploy/edit", form)


def settle(reader: Reader, page: str, **chosen: str) -> Answer:
    """Send the form of the page back with what is chosen."""
    own = {name: html.unescape(text).replace("\n", "\r\n") for name, text in OWN.findall(page)}
    return reader.send("/notes/deploy/resolve", form_of(page) | own | chosen)


def test_a_conflict_shows_before_theirs_with_who_and_why_and_yours(pages: Pages, reader: Reader) -> None:
    answer = meet(pages, reader)
    page = answer.body.decode()
    assert answer.status == 409
    assert "1 place that you both changed" in page
    assert "You began from r1; the note is at r2 now. 2 other changes fit together and are taken." in page
    assert "claude-code" in page
    assert "the freeze was broken twice" in page
    assert "Nothing on <mark>weekends</mark>" in page
    assert "Fridays<mark> after noon</mark>" in page
    assert read(pages, "deploy")["markdown"] == THEIRS


@pytest.mark.parametrize(
    ("chosen", "stands"),
    [
        ({"place-0": "theirs"}, "Nothing on weekends."),
        ({"place-0": "mine"}, "Nothing on Fridays after noon."),
        ({"place-0": "both"}, "Nothing on weekends.\nNothing on Fridays after noon."),
        ({"place-0": "own", "own-0": "Nothing, ever."}, "Nothing, ever."),
        ({"place-0": "own", "own-0": "One.\r\nTwo.\r\n"}, "One.\nTwo."),
        ({"place-0": "theirs", "own-0": "not meant"}, "Nothing on weekends."),
    ],
)
def test_each_place_becomes_what_is_chosen(pages: Pages, reader: Reader, chosen: dict[str, str], stands: str) -> None:
    page = meet(pages, reader).body.decode()
    assert sent_on(settle(reader, page, **chosen)) == "/notes/deploy?saved=updated"
    assert read(pages, "deploy")["markdown"] == BOTH_BUT_FREEZE.replace("Nothing on Fridays.", stands)
    newest = pages.call("revisions", ref="deploy", limit=1)["revisions"][0]
    assert (newest["actor"], newest["reason"]) == ("owner", "clearer")


@pytest.mark.parametrize(("revision", "newest"), [("2", "1"), ("2", "2"), ("1", "0"), ("1", "x")])
def test_a_form_that_names_an_older_revision_settles_with_the_newest(
    pages: Pages, reader: Reader, revision: str, newest: str
) -> None:
    page = meet(pages, reader).body.decode()
    answer = settle(reader, page, revision=revision, newest=newest, **{"place-0": "mine"})
    assert sent_on(answer) == "/notes/deploy?saved=updated"
    assert "Fridays after noon" in read(pages, "deploy")["markdown"]


def test_a_place_that_is_taken_out_in_own_words_is_gone(pages: Pages, reader: Reader) -> None:
    page = meet(pages, reader).body.decode()
    settle(reader, page, **{"place-0": "own", "own-0": ""})
    assert read(pages, "deploy")["markdown"] == BOTH_BUT_FREEZE.replace("Nothing on Fridays.\n", "")


def test_a_place_without_a_choice_comes_back_with_what_was_written(pages: Pages, reader: Reader) -> None:
    page = meet(pages, reader).body.decode()
    answer = settle(reader, page, **{"own-0": "Half a thought", "reason": "another reason"})
    again = answer.body.decode()
    assert answer.status == 422
    assert "Choose what is to stand at each place" in again
    assert "Half a thought" in again
    assert form_of(again)["reason"] == "another reason"
    assert form_of(again)["content"] == MINE.replace("\n", "\r\n")
    assert read(pages, "deploy")["revision"] == 2


def test_who_comes_in_between_makes_another_conflict_of_what_was_settled(pages: Pages, reader: Reader) -> None:
    page = meet(pages, reader).body.decode()
    third = THEIRS.replace("weekends", "holidays").replace("1. Open", "1. Always open")
    pages.call("upsert_note", by="ben", slug="deploy", content=third, if_revision=2)
    answer = settle(reader, page, **{"place-0": "own", "own-0": "Nothing at night."})
    again = answer.body.decode()
    assert answer.status == 409
    assert "You began from r2; the note is at r3 now" in again
    assert "Nothing at night." in html.unescape(re.sub("<[^>]+>", "", again))
    assert "holidays" in again
    assert sent_on(settle(reader, again, **{"place-0": "mine"})) == "/notes/deploy?saved=updated"
    settled = BOTH_BUT_FREEZE.replace("Nothing on Fridays.", "Nothing at night.").replace("1. Open", "1. Always open")
    assert read(pages, "deploy")["markdown"] == settled


def test_who_comes_in_between_elsewhere_is_merged_and_said(pages: Pages, reader: Reader) -> None:
    page = meet(pages, reader).body.decode()
    pages.call("upsert_note", by="ben", slug="deploy", content=f"{THEIRS}\nSee also.\n", if_revision=2)
    assert sent_on(settle(reader, page, **{"place-0": "mine"})) == "/notes/deploy?saved=merged&merged=3"
    assert read(pages, "deploy")["markdown"].endswith("See also.\n")


def test_metadata_that_both_changed_are_places_too_and_the_rest_is_merged(pages: Pages, reader: Reader) -> None:
    form = opened(reader, "/notes/deploy/edit") | {"status": "active", "title": "Deploying", "tags": "a, mine"}
    pages.call("upsert_note", slug="deploy", status="retired", add_tags=["theirs"], note_type="sop")
    page = reader.send("/notes/deploy/edit", form).body.decode()
    assert "1 place that you both changed" in page
    assert "<legend>Status</legend>" in page
    assert sent_on(settle(reader, page, **{"field-status": "mine"}))
    note = read(pages, "deploy")
    assert (note["title"], note["status"], note["note_type"]) == ("Deploying", "active", "sop")
    assert note["tags"] == ["a", "mine", "theirs"]


def test_many_places_are_settled_each_for_itself(pages: Pages, reader: Reader) -> None:
    base, mine, theirs = (
        "".join(f"{side} {number}\n\n-\n\n" for number in range(60)) for side in ("base", "mine", "theirs")
    )
    pages.call("upsert_note", slug="deploy", content=base, if_revision=1, is_whole=True)
    page = meet(pages, reader, mine, theirs).body.decode()
    assert "60 places that you both changed" in page
    chosen = {f"place-{number}": "mine" if number % 2 else "theirs" for number in range(60)}
    assert sent_on(settle(reader, page, **chosen))
    assert read(pages, "deploy")["markdown"].startswith("theirs 0\n\n-\n\nmine 1\n\n-\n\ntheirs 2\n")


def test_a_note_with_carriage_returns_keeps_them_through_a_conflict(pages: Pages, reader: Reader) -> None:
    pages.call("upsert_note", slug="deploy", content=BASE.replace("\n", "\r\n"), if_revision=1)
    page = meet(pages, reader, MINE, THEIRS.replace("\n", "\r\n")).body.decode()
    assert "1 place that you both changed" in page
    assert sent_on(settle(reader, page, **{"place-0": "own", "own-0": "Nothing, ever."}))
    expected = BOTH_BUT_FREEZE.replace("Nothing on Fridays.", "Nothing, ever.").replace("\n", "\r\n")
    assert read(pages, "deploy")["markdown"] == expected


def test_who_was_signed_out_meanwhile_gets_the_text_back(pages: Pages, reader: Reader) -> None:
    page = meet(pages, reader).body.decode()
    answer = settle(pages.anybody(), page, **{"place-0": "mine"})
    assert answer.status == 401
    assert form_of(answer.body.decode())["content"] == MINE.replace("\n", "\r\n")


def test_hostile_words_of_a_place_are_shown_as_words(pages: Pages, reader: Reader) -> None:
    evil = "</textarea></pre><script>ran()</script>"
    page = meet(pages, reader, BASE.replace("Wait.", evil), BASE.replace("Wait.", f"x{evil}")).body.decode()
    assert "<script>ran" not in page
    assert html.unescape(OWN.findall(page)[0][1]).rstrip("\n") == f"2. {evil}"
