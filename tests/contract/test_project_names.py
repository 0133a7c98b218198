"""Projects that are renamed, and deleted when they are empty."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge

from notewell_store import Attribution, Change, Filter, Forbidden, Invalid, NotFound, Once
from notewell_store.access import tokens
from notewell_store.briefing.brief import brief
from notewell_store.briefing.project_page import page_of
from notewell_store.checking.stored import survey_all
from notewell_store.contract import Visibility
from notewell_store.errors import ProjectInUse
from notewell_store.integrity.verify import verify
from notewell_store.models import NoteSummary, RevisionFilter
from notewell_store.tables import history, listing, past
from notewell_store.tables.project_rows import present_slug, project_named
from notewell_store.tables.projects import delete_project, list_projects, save_project
from notewell_store.writing import drafts, pipeline

if TYPE_CHECKING:
    from notewell_store import Store

REPOSITORY = "https://forge.example/team/web"


@pytest.fixture
def web(knowledge: Knowledge) -> Knowledge:
    """The project web-app, of two notes, one of which was changed; and a note of no project."""
    save_project(knowledge.store, "web-app", "ann", "Web", "github", REPOSITORY)
    knowledge.put("plan", "# Plan\n", project="web-app", note_type="plan")
    knowledge.put("plan", status="active")
    knowledge.put("web-app", "# The page of it\n", project="web-app")
    knowledge.put("of-nobody", "# Alone\n")
    return knowledge


def rename(knowledge: Knowledge, slug: str, new_slug: str) -> None:
    save_project(knowledge.store, slug, "ann", new_slug=new_slug)


def slugs(store: Store) -> list[str]:
    with store.reading() as db:
        return [project.slug for project in list_projects(db)]


def listed(store: Store, project: str) -> list[NoteSummary]:
    with store.reading() as db:
        wanted = Filter(project=present_slug(db, project))
        return list(listing.list_notes(db, wanted, "slug", 20, None).items)


def test_a_renamed_project_keeps_its_notes_and_makes_no_revision_of_them(web: Knowledge) -> None:
    before = web.note("plan")
    rename(web, "web-app", "harbor-line")
    assert slugs(web.store) == ["harbor-line"]
    after = web.note("plan")
    assert (after.metadata.project, after.revision, after.seq) == ("harbor-line", before.revision, before.seq)
    assert [(note.slug, note.project) for note in listed(web.store, "harbor-line")] == [
        ("plan", "harbor-line"),
        ("web-app", "harbor-line"),
    ]
    assert verify(web.store).findings == ()


def test_the_former_slug_leads_to_it_wherever_a_project_is_named(web: Knowledge) -> None:
    rename(web, "web-app", "harbor-line")
    with web.store.reading() as db:
        assert [project.slug for project in list_projects(db, "web-app")] == ["harbor-line"]
        assert brief(db, "web-app").project == "harbor-line"
        assert history.list_revisions(db, wanted=RevisionFilter(project="web-app")).total == 3
    assert len(listed(web.store, "web-app")) == 2
    assert web.put("new", "# New\n", project="web-app").project == "harbor-line"
    assert web.note("new").metadata.project == "harbor-line"
    assert survey_all(web.store, "web-app", lambda done, total: None).notes == 3
    save_project(web.store, "web-app", "ann", name="Harbor line")
    assert slugs(web.store) == ["harbor-line"]


def test_a_session_that_is_set_to_the_former_slug_writes_into_the_project(web: Knowledge) -> None:
    rename(web, "web-app", "harbor-line")

    made = partial(drafts.upsert, slug="learned", change=Change(content="# L\n"), if_revision=None, home="web-app")
    assert web.write(made).project == "harbor-line"
    assert verify(web.store).findings == ()


def test_a_tag_of_the_new_slug_finds_its_notes_and_one_of_the_old_slug_does_not(web: Knowledge) -> None:
    rename(web, "web-app", "harbor-line")
    with web.store.reading() as db:
        found = {tag: listing.list_notes(db, Filter(tags=(tag,))).total for tag in ("harbor-line", "web-app")}
    assert found == {"harbor-line": 2, "web-app": 0}


def test_notes_go_on_being_changed_restored_and_compared_after_a_rename(web: Knowledge) -> None:
    rename(web, "web-app", "harbor-line")
    web.rewrite("plan", "# Plan\n\nmore\n")
    web.restore("plan@1")
    plan = web.note("plan")
    assert (plan.metadata.project, plan.metadata.status) == ("harbor-line", None)
    with web.store.reading() as db:
        changed = {one.revision: one.changed for one in history.list_revisions(db, plan.id).items}
        assert history.diff_revisions(db, plan.id, "plan", 1, 4) == ""
    assert changed[4] == ("content", "status")
    merged = web.put("plan", add_tags=("ops",), if_revision=2)
    assert merged.outcome == "merged"
    web.delete("plan")
    web.restore("plan")
    assert verify(web.store).findings == ()


def test_the_store_as_it_was_calls_the_project_by_its_name_of_today(web: Knowledge) -> None:
    rename(web, "web-app", "harbor-line")
    with web.store.reading() as db:
        moment = past.read_moment("2")
        for name in ("harbor-line", "web-app"):
            wanted = Filter(project=present_slug(db, name))
            then = past.list_notes_at(db, wanted, "slug", 20, None, moment)
            assert [(note.slug, note.project) for note in then.items] == [("plan", "harbor-line")]
    assert web.note("plan@1").metadata.project == "harbor-line"


def test_the_page_of_a_project_that_bears_a_former_slug_is_still_its_page(web: Knowledge) -> None:
    rename(web, "web-app", "harbor-line")
    with web.store.reading() as db:
        page = page_of(db, project_named(db, "harbor-line"))
    assert page is not None
    assert page.slug == "web-app"


def test_a_project_that_is_renamed_back_and_again_is_called_by_all_its_names(web: Knowledge) -> None:
    for before, after in (("web-app", "one"), ("one", "web-app"), ("web-app", "two"), ("one", "three")):
        rename(web, before, after)
    assert slugs(web.store) == ["three"]
    for name in ("web-app", "one", "two", "three"):
        assert len(listed(web.store, name)) == 2
    rename(web, "three", "three")
    rename(web, "two", "three")
    assert verify(web.store).findings == ()


def test_a_repeated_rename_changes_nothing_and_a_key_gets_its_first_answer(web: Knowledge) -> None:
    once = Once("key", "digest")
    for _ in range(2):
        saved = save_project(web.store, "web-app", "ann", once=once, new_slug="harbor-line")
        assert saved.slug == "harbor-line"
    assert slugs(web.store) == ["harbor-line"]


@pytest.mark.parametrize("taken", ["other", "formerly-other"])
def test_a_name_that_another_project_has_or_had_is_not_given_to_this_one(web: Knowledge, taken: str) -> None:
    save_project(web.store, "formerly-other", "ann")
    rename(web, "formerly-other", "other")
    with pytest.raises(Invalid, match="is or was a name of the project other: choose another"):
        rename(web, "web-app", taken)
    assert slugs(web.store) == ["other", "web-app"]


@pytest.mark.parametrize("wrong", ["none", "No Slug", ""])
def test_what_is_no_slug_is_refused(web: Knowledge, wrong: str) -> None:
    with pytest.raises(Invalid, match="new_slug="):
        rename(web, "web-app", wrong)


def test_a_project_that_is_not_there_is_not_renamed(web: Knowledge) -> None:
    with pytest.raises(NotFound, match="no project 'web-ap'"):
        rename(web, "web-ap", "harbor-line")
    assert slugs(web.store) == ["web-app"]


def test_a_token_for_it_keeps_working_and_reaches_what_was_written_under_the_former_name(web: Knowledge) -> None:
    text, _ = tokens.create(web.store, "bot", "write", "ann", "web-app")
    rename(web, "web-app", "harbor-line")
    with web.store.reading() as db:
        rights = tokens.admit(db, text).rights
    assert rights.project == "harbor-line"
    seen = Knowledge(web.store.seen_by(rights.visibility))
    assert seen.note("plan@1").markdown == "# Plan\n"
    assert seen.rewrite("plan", "# Plan\n\nby the bot\n").outcome == "updated"
    with pytest.raises(NotFound):
        seen.note("of-nobody")


def test_no_name_of_a_project_ever_comes_to_be_anothers(web: Knowledge) -> None:
    rename(web, "web-app", "harbor-line")
    save_project(web.store, "web-app", "eve", "Eve's own")
    assert slugs(web.store) == ["harbor-line"], "it is still the same project"
    former = web.store.seen_by(Visibility("web-app"))
    with former.reading() as db:
        assert listing.list_notes(db, Filter(), "slug", 20, None).total == 0


def test_keys_of_those_whose_rights_are_for_it_still_get_their_first_answer(web: Knowledge) -> None:
    web.put("once", "# Once\n", project="web-app", once=Once("web-app/key", "digest"))
    rename(web, "web-app", "harbor-line")
    again = web.put("once", "# Once\n", project="web-app", once=Once("harbor-line/key", "digest"))
    assert (again.outcome, again.revision) == ("created", 1)


def test_a_project_without_notes_is_deleted_and_named_no_more(web: Knowledge) -> None:
    save_project(web.store, "empty", "ann", repo_url="https://forge.example/team/empty")
    assert delete_project(web.store, "empty", "ann") == "empty"
    assert slugs(web.store) == ["web-app"]
    assert delete_project(web.store, "empty", "ann") == "empty", "and again"
    with web.store.reading() as db, pytest.raises(NotFound, match="no project 'empty'"):
        present_slug(db, "empty")
    with pytest.raises(NotFound):
        web.put("x", "# X\n", project="empty")
    assert verify(web.store).findings == ()


def test_a_project_with_notes_deleted_ones_or_tokens_is_not_deleted(web: Knowledge) -> None:
    web.delete("plan")
    tokens.create(web.store, "bot", "read", "ann", "web-app")
    with pytest.raises(ProjectInUse) as refused:
        delete_project(web.store, "web-app", "ann")
    assert (refused.value.notes, refused.value.deleted, refused.value.tokens) == (1, 1, 1)
    web.put("web-app", project="none")
    web.restore("plan")
    web.put("plan", project="none")
    with pytest.raises(ProjectInUse):
        delete_project(web.store, "web-app", "ann")
    tokens.revoke(web.store, "bot")
    delete_project(web.store, "web-app", "ann")
    assert slugs(web.store) == []
    assert verify(web.store).findings == ()


def test_a_deleted_project_is_had_back_by_making_it_again_and_no_old_token_reaches_it(web: Knowledge) -> None:
    save_project(web.store, "empty", "ann", "Emptied", "github")
    text, _ = tokens.create(web.store, "bot", "read", "ann", "empty")
    tokens.revoke(web.store, "bot")
    delete_project(web.store, "empty", "ann")
    save_project(web.store, "empty", "ann")
    with web.store.reading() as db:
        (project,) = list_projects(db, "empty")
        with pytest.raises(tokens.Refused):
            tokens.admit(db, text)
    assert (project.name, project.platform) == ("empty", None)
    assert verify(web.store).findings == ()


def test_the_names_of_a_deleted_project_are_given_to_no_other(web: Knowledge) -> None:
    save_project(web.store, "first", "ann")
    rename(web, "first", "second")
    delete_project(web.store, "second", "ann")
    with pytest.raises(Invalid, match="'first' is or was a name of the project second, which was deleted"):
        save_project(web.store, "first", "ann")
    with pytest.raises(Invalid, match="'second' is or was a name"):
        rename(web, "web-app", "second")


def test_a_revision_of_a_deleted_project_is_told_and_not_restored_into_nothing(web: Knowledge) -> None:
    save_project(web.store, "gone", "ann")
    web.put("moved", "# Moved\n", project="gone")
    web.put("moved", project="web-app", if_revision=1)
    delete_project(web.store, "gone", "ann")
    assert web.note("moved@1").metadata.project == "gone"
    with pytest.raises(NotFound, match="no project 'gone'"):
        web.restore("moved@1")
    assert verify(web.store).findings == ()


def test_who_may_write_one_project_only_writes_it_under_its_new_name(web: Knowledge) -> None:
    rename(web, "web-app", "harbor-line")
    seen = web.store.seen_by(Visibility("harbor-line"))
    with pytest.raises(Forbidden):
        pipeline.write(
            seen,
            lambda db: drafts.upsert(db, "x", Change(content="# X\n"), None),
            Attribution("bot"),
        )
    assert Knowledge(seen).put("y", "# Y\n", project="web-app").project == "harbor-line"
