"""Redacting: a secret is taken out of former revisions for good, and who, when and why stay."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge
from tests.embedding.small_embedder import SmallEmbedder

from notewell_store import Attribution, Conflict, Invalid, NotFound, Once
from notewell_store.contract import Visibility
from notewell_store.files.importing import import_folder
from notewell_store.files.summary import ImportOptions
from notewell_store.integrity.verify import verify
from notewell_store.meaning.filling import Filler
from notewell_store.meaning.pieces import digest_of
from notewell_store.redacting.redaction import Redacting, every_redaction, foreseen, read_wanted, redact
from notewell_store.tables import history, meanings, notes
from notewell_store.tables.revisions import load_at

if TYPE_CHECKING:
    from notewell_store import Store

SECRET = "s3cr3t-AKIA0SFODNN7"
OWNER = Attribution("owner", reason="a key leaked")
PAGE = "".join(f"step {number} of the page\n" for number in range(80))


def take_out(knowledge: Knowledge, revisions: str, secret: str | None = None) -> Redacting:
    return redact(knowledge.store, read_wanted(revisions), OWNER, secret)


@pytest.fixture
def leaked(knowledge: Knowledge) -> Knowledge:
    """sop-deploy: clean @1, the secret @2..4, clean again @5."""
    knowledge.put("sop-deploy", f"# Deploy\n\n{PAGE}")
    told = Attribution("ann", "pr/7", f"the key is {SECRET}")
    knowledge.rewrite("sop-deploy", f"# Deploy\n\n{PAGE}key: {SECRET}\n", by=told, title=f"Deploy {SECRET}")
    knowledge.put("sop-deploy", add_tags=("ops",))
    knowledge.rewrite("sop-deploy", f"# Deploy\n\nin front\n{PAGE}key: {SECRET}\n", title="Deploy")
    took = Attribution("bob", reason="no key")
    knowledge.rewrite("sop-deploy", f"# Deploy\n\nin front\n{PAGE}after\n", by=took)
    return knowledge


def test_by_which_door_a_redacted_revision_came_stays_and_the_program_unless_it_tells(knowledge: Knowledge) -> None:
    knowledge.put("a", SECRET, by=Attribution("ann", door="stdio", client="claude-code 2.1"))
    knowledge.rewrite("a", f"{SECRET} again", Attribution("ann", door="mcp", client=f"x {SECRET}"))
    knowledge.rewrite("a", "clean")
    take_out(knowledge, "a@1..2", SECRET)
    ways = [(one.door, one.client) for one in knowledge.history("a")]
    assert ways == [(None, None), ("mcp", None), ("stdio", "claude-code 2.1")]
    assert not verify(knowledge.store).damage


def test_the_text_is_gone_and_who_when_and_that_it_was_redacted_stay(leaked: Knowledge) -> None:
    before = leaked.note("sop-deploy@2")
    done = take_out(leaked, "sop-deploy@2..4")
    assert (done.slug, done.revisions, done.done_before) == ("sop-deploy", (2, 3, 4), ())
    for revision in (2, 3, 4):
        note = leaked.note(f"sop-deploy@{revision}")
        assert note.markdown.startswith("*(redacted on ")
        assert note.markdown.endswith("by owner: a key leaked)*\n")
        assert SECRET not in repr(note)
    after = leaked.note("sop-deploy@2")
    assert (after.actor, after.updated_at, after.seq) == (before.actor, before.updated_at, before.seq)
    (told, *_), copies = every_redaction(leaked.store)
    assert (told.slug, told.revision, told.actor, told.reason, told.erased) == (
        "sop-deploy",
        2,
        "owner",
        "a key leaked",
        True,
    )
    assert copies == ()


def test_all_other_revisions_are_what_they_were_and_the_store_is_whole(leaked: Knowledge) -> None:
    others = ("sop-deploy@1", "sop-deploy@5", "sop-deploy")
    before = [leaked.note(ref) for ref in others]
    take_out(leaked, "sop-deploy@2..4")
    assert [leaked.note(ref) for ref in others] == before
    assert verify(leaked.store).findings == ()
    leaked.rewrite("sop-deploy", "goes on\n")
    assert leaked.note("sop-deploy@6").markdown == "goes on\n"
    assert verify(leaked.store).findings == ()


@pytest.mark.parametrize("revisions", ["1", "1..2", "2", "3", "3..4", "1..4", "4"])
def test_any_range_leaves_the_others_as_they_were(leaked: Knowledge, revisions: str) -> None:
    wanted = read_wanted(f"sop-deploy@{revisions}")
    others = [number for number in range(1, 6) if not wanted.first <= number <= wanted.last]
    before = {number: leaked.note(f"sop-deploy@{number}") for number in others}
    take_out(leaked, f"sop-deploy@{revisions}")
    assert {number: leaked.note(f"sop-deploy@{number}") for number in others} == before
    assert verify(leaked.store).findings == ()


def test_ranges_that_are_redacted_one_after_the_other_are_whole_together(leaked: Knowledge) -> None:
    assert take_out(leaked, "sop-deploy@3").revisions == (3,)
    again = take_out(leaked, "sop-deploy@2..4")
    assert (again.revisions, again.done_before) == ((2, 4), (3,))
    assert take_out(leaked, "sop-deploy@2..4").revisions == ()
    found, _ = every_redaction(leaked.store)
    assert [one.revision for one in found] == [2, 3, 4]
    assert verify(leaked.store).findings == ()


def test_a_history_a_difference_and_blame_show_it_as_redacted(leaked: Knowledge) -> None:
    take_out(leaked, "sop-deploy@2..4")
    with leaked.store.reading() as db:
        note_id = leaked.id_of("sop-deploy")
        listed = history.list_revisions(db, note_id).items
        assert [("redacted" in one.changed, one.actor) for one in listed] == [
            (False, "bob"),
            (True, "tester"),
            (True, "tester"),
            (True, "ann"),
            (False, "tester"),
        ]
        difference = history.diff_revisions(db, note_id, "sop-deploy", 1, 3)
        assert "+*(redacted on" in difference
        blamed = history.blame_note(db, note_id)
    assert [(one.revision, one.or_before) for one in blamed] == [(1, False), (5, True), (1, False), (5, True)]


def test_what_its_author_wrote_beside_the_text_stays_where_the_note_still_says_it(leaked: Knowledge) -> None:
    leaked.put("sop-deploy", add_tags=("kept",))
    take_out(leaked, "sop-deploy@2..4")
    assert leaked.note("sop-deploy@2").metadata.title == "(redacted)"
    assert leaked.note("sop-deploy@4").metadata.title == "Deploy"
    assert leaked.note("sop-deploy@3").metadata.tags == ("ops",)
    with leaked.store.reading() as db:
        reasons = {one.revision: one.reason for one in history.list_revisions(db, leaked.id_of("sop-deploy")).items}
    assert reasons[2] is None
    assert reasons[5] == "no key"


def test_a_reason_without_a_lost_word_stays(knowledge: Knowledge) -> None:
    knowledge.put("plan", "# Plan\n")
    knowledge.rewrite("plan", f"# Plan\n{SECRET}\n", by=Attribution("ann", "pr/7", "what the review asked for"))
    knowledge.rewrite("plan", "# Plan\n")
    take_out(knowledge, "plan@2")
    with knowledge.store.reading() as db:
        (_, redacted, _) = history.list_revisions(db, knowledge.id_of("plan")).items
    assert (redacted.reason, redacted.revised_by) == ("what the review asked for", "pr/7")


def test_the_newest_revision_is_not_redacted_and_the_refusal_says_to_edit_it_first(leaked: Knowledge) -> None:
    with pytest.raises(Invalid, match=r"@5 is the newest revision.*edit_note\(ref='sop-deploy'\).*redact sop-deploy@2"):
        take_out(leaked, "sop-deploy@2..5")
    leaked.delete("sop-deploy")
    with pytest.raises(Invalid, match=r"restore_note\(ref='sop-deploy'\)"):
        take_out(leaked, "sop-deploy@2..6")
    assert every_redaction(leaked.store) == ((), ())


@pytest.mark.parametrize("wrong", ["sop-deploy", "sop-deploy@", "sop-deploy@5..3", "sop-deploy@0", "sop-deploy@a..b"])
def test_what_names_no_range_is_refused_with_one_that_does(wrong: str) -> None:
    with pytest.raises(Invalid, match=r"sop-deploy@3|count from 1"):
        read_wanted(wrong)


def test_revisions_and_notes_that_are_not_there_are_not_found(leaked: Knowledge) -> None:
    with pytest.raises(NotFound, match="no revision 'sop-deploy@9'"):
        take_out(leaked, "sop-deploy@2..9")
    with pytest.raises(NotFound, match="no note 'nowhere'"):
        take_out(leaked, "nowhere@2")


def test_it_needs_a_reason_that_does_not_hold_the_secret(leaked: Knowledge) -> None:
    wanted = read_wanted("sop-deploy@2..4")
    with pytest.raises(Invalid, match="say why"):
        redact(leaked.store, wanted, Attribution("owner"))
    with pytest.raises(Invalid, match="the reason holds the secret"):
        redact(leaked.store, wanted, Attribution("owner", reason=f"{SECRET} leaked"), SECRET)


def test_other_revisions_with_lines_that_the_note_has_lost_are_named(leaked: Knowledge) -> None:
    assert foreseen(leaked.store, read_wanted("sop-deploy@2..3")).doubtful == ("sop-deploy@4",)
    assert foreseen(leaked.store, read_wanted("sop-deploy@2..4")).doubtful == ()
    leaked.put("sop-deploy", add_tags=("x",), by=Attribution("bob", reason=f"{SECRET} was in it"))
    assert foreseen(leaked.store, read_wanted("sop-deploy@2..4")).doubtful == ("sop-deploy@6",)


def test_a_known_secret_is_looked_for_in_all_that_is_kept(leaked: Knowledge) -> None:
    leaked.put("other", f"# Other\n\n{SECRET}\n")
    leaked.rewrite("other", "# Other\n")
    leaked.put(f"about-{SECRET.lower()}", "# About\n")
    leaked.rename(f"about-{SECRET.lower()}", "about")
    done = take_out(leaked, "sop-deploy@2..3", SECRET)
    assert done.elsewhere == ("about@1", "other@1", "sop-deploy@4", "the former name of about")
    assert done.doubtful == ()


def test_a_secret_that_these_revisions_do_not_hold_is_refused_with_where_it_stands(leaked: Knowledge) -> None:
    with pytest.raises(Invalid, match=r"does not stand in these revisions; it stands in sop-deploy@2, sop-deploy@3"):
        take_out(leaked, "sop-deploy@1", SECRET)
    leaked.put("sop-deploy", title=f"{SECRET}")
    with pytest.raises(Invalid, match="sop-deploy still says it"):
        take_out(leaked, "sop-deploy@2..4", SECRET)


def test_a_secret_that_somebody_wrote_under_as_their_name_is_told_to_stay(leaked: Knowledge) -> None:
    leaked.rewrite("sop-deploy", f"key: {SECRET}\n", by=Attribution(f"bot {SECRET}"))
    leaked.rewrite("sop-deploy", "clean\n")
    done = take_out(leaked, "sop-deploy@6", SECRET)
    assert f"@6 actor: bot {SECRET}" in done.staying


def test_a_former_name_that_holds_the_secret_leads_nowhere_any_more(knowledge: Knowledge) -> None:
    name = SECRET.lower()
    knowledge.put(name, f"# Key\n{SECRET}\n")
    knowledge.put("guide", f"# Guide\n\n[[{name}]]\n")
    knowledge.put(name, "# Key\n", if_revision=1, new_slug="key")
    take_out(knowledge, "key@1", SECRET)
    assert knowledge.aliases("key") == ()
    assert knowledge.dangling("guide") == [name]
    assert verify(knowledge.store).findings == ()


def test_nothing_of_it_comes_back_by_restoring_merging_or_the_same_call_again(leaked: Knowledge) -> None:
    once = Once("key-1", "digest of the call")
    write = partial(leaked.put, "sop-deploy", f"# Deploy\n{SECRET}\n", if_revision=5, once=once)
    write()
    leaked.rewrite("sop-deploy", "# Deploy\n\nclean\n")
    take_out(leaked, "sop-deploy@2..6")
    with pytest.raises(Invalid, match="sop-deploy@3 was redacted"):
        leaked.restore("sop-deploy@3")
    with pytest.raises(Conflict) as refused:
        leaked.put("sop-deploy", f"{SECRET} again\n", if_revision=4)
    assert SECRET not in refused.value.diff
    with pytest.raises(Invalid, match="what this idempotency_key wrote was redacted since"):
        write()


def test_who_may_not_see_a_revision_does_not_see_that_it_was_redacted(leaked: Knowledge) -> None:
    def seen(store: Store) -> int:
        with store.seen_by(Visibility()).reading() as db:
            return len(notes_redacted(db))

    from notewell_store.tables.redactions import every_redaction as notes_redacted

    take_out(leaked, "sop-deploy@2..4")
    assert seen(leaked.store) == 0
    leaked.put("sop-deploy", is_public=True)
    assert seen(leaked.store) == 0
    with leaked.store.seen_by(Visibility()).reading() as db, pytest.raises(NotFound):
        load_at(db, notes.newest_id(db), "sop-deploy", 3)


def test_what_is_kept_of_an_imported_file_is_forgotten_and_the_file_read_anew(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    source = tmp_path / "pages"
    source.mkdir()
    page = source / "deploy.md"
    page.write_text(f"---\ntags: [{SECRET.lower()}]\n---\n# Deploy\n\n{SECRET}\n", encoding="utf-8")
    import_folder(knowledge.store, source, ImportOptions(), OWNER)
    with knowledge.store.reading() as db:
        slug = notes.slug_of(db, 1)
    knowledge.rewrite(slug, "# Deploy\n\nclean\n", tags=())
    assert take_out(knowledge, f"{slug}@1", SECRET).elsewhere == ()
    page.write_text("# Deploy\n\nclean\n", encoding="utf-8")
    summary = import_folder(knowledge.store, source, ImportOptions(), OWNER)
    assert (summary.unchanged, len(summary.conflicting.items)) == (1, 0)
    assert knowledge.note(slug).markdown == "# Deploy\n\nclean\n"
    assert verify(knowledge.store).findings == ()


def test_vectors_of_what_was_redacted_are_gone_from_the_store(leaked: Knowledge) -> None:
    embedder = SmallEmbedder()
    knowledge = leaked
    knowledge.put("other", f"# Other\n\nonce {SECRET} stood here\n")
    filler = Filler(knowledge.store, embedder, threading.Event())
    filler.fill()
    assert any(SECRET in text for text in embedder.texts)
    knowledge.rewrite("other", "# Other\n\nnothing\n")
    filler.fill()
    (before,) = (text for text in embedder.texts if SECRET in text)
    digest = digest_of("small", *_parts(before))
    with knowledge.store.reading() as db:
        assert meanings.known(db, 1, [digest])
    take_out(knowledge, "other@1")
    with knowledge.store.reading() as db:
        assert not meanings.known(db, 1, [digest])
        assert not meanings.stale(db, 10)
    assert filler.amount().passages == 0


def _parts(text: str) -> tuple[str, str, str]:
    title, body = text.split("\n", 1)
    return title, title, f"\n{body}\n"
