"""A folder of Markdown becomes notes, and what changes in it later comes after."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest

from notewell_store import Attribution, Invalid, open_store
from notewell_store.files import folder, stale_notes
from notewell_store.files.importing import import_folder
from notewell_store.files.lineage import differences
from notewell_store.files.summary import ImportOptions
from notewell_store.integrity.verify import verify
from notewell_store.tables import notes
from notewell_store.tables.stale import count_marked

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.store.files.conftest import Files, Repo

    from notewell_store import Store


def counts(store: Store) -> dict[str, int]:
    with store.reading() as db:
        tables = ("notes", "revisions", "links", "passages", "sections", "sources", "origins", "projects")
        return {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def children(knowledge: Knowledge, slug: str) -> list[str]:
    with knowledge.store.reading() as db:
        return [note.slug for note in notes.children(db, knowledge.id_of(slug), 50)[1]]


def test_files_become_notes_with_what_their_front_matter_says(knowledge: Knowledge, files: Files) -> None:
    files.write("deploy.md", "---\ntype: sop\nstatus: active\ntags: ops, CI\nproject: Web App\n---\n# Deploying\n")
    done = files.into(knowledge.store, Attribution("ann", "PR 7", "first import"))
    note = knowledge.note("deploy")
    assert (done.created, done.revisions, done.notes) == (1, 1, 1)
    assert note.markdown == "# Deploying\n"
    assert (note.metadata.title, note.metadata.note_type, note.metadata.status) == ("Deploying", "sop", "active")
    assert (note.metadata.tags, note.metadata.project) == (("ci", "ops"), "web-app")
    assert (note.actor, note.revised_by) == ("ann", "PR 7")
    assert knowledge.found("deploying") == ["deploy"]


def test_titles_come_from_front_matter_then_the_one_leading_heading_then_names(
    knowledge: Knowledge, files: Files
) -> None:
    files.write("a.md", "---\ntitle: Said\n---\n# Heading\n")
    files.write("b.md", "---\nowner: ann\n---\n<!-- lint: off -->\n\nThe *heading*\n===\n\ntext\n\n## Small\n")
    files.write("how_to-do it.markdown", "no heading\n")
    files.write("small-first.md", "## Only a small one\n\n# A later one\n")
    files.write("text first.md", "words\n\n# A later one\n")
    files.write("two.md", "# One\n\n```\n# not this\n```\n\n# Two\n")
    files.write("one.md", "# One\n\n> # quoted\n\n- # in a list\n\n```\n# not this\n```\n")
    files.into(knowledge.store)
    titles = {slug: knowledge.note(slug).metadata.title for slug in knowledge.listed()}
    assert titles == {
        "a": "Said",
        "b": "The heading",
        "how-to-do-it": "How to do it",
        "small-first": "Small first",
        "text-first": "Text first",
        "two": "Two",
        "one": "One",
    }


def test_what_cannot_be_read_of_front_matter_is_named_with_file_and_line(knowledge: Knowledge, files: Files) -> None:
    files.write("plan.md", '---\ntitle: Plan: second half\ntags: [good, "a, b"]\naliases: [Machine Learning]\n---\nx\n')
    files.write("other.md", "[[machine-learning]]\n")
    summary = files.into(knowledge.store)
    note = knowledge.note("plan").metadata
    assert (note.title, note.tags) == ("Plan: second half", ("good",))
    assert set(summary.warnings.items) == {
        "plan.md: front matter, line 2: title: not YAML, taken as it stands",
        "plan.md: front matter, line 3: tags: 'a, b' is none that a note can have",
    }
    assert summary.dangling == 0


def test_folders_become_parents_and_those_without_a_page_get_a_note(knowledge: Knowledge, files: Files) -> None:
    files.write("index.md", "# Home\n")
    files.write("team/index.md", "# Team\n")
    files.write("team/ann.md", "# Ann\n")
    files.write("how_we_work/deep/page.md", "# Page\n")
    done = files.into(knowledge.store)
    assert children(knowledge, "index") == ["how-we-work", "team"]
    assert children(knowledge, "team") == ["team-ann"]
    made = knowledge.note("how-we-work")
    assert (made.metadata.note_type, made.metadata.title, made.markdown) == ("folder", "How we work", "")
    assert children(knowledge, "how-we-work-deep") == ["how-we-work-deep-page"]
    assert done.folders == 2


def test_a_page_with_a_parent_of_its_own_needs_no_folder(knowledge: Knowledge, files: Files) -> None:
    files.write("deep/page.md", "---\nparent: zz\n---\ntext")
    files.write("deep/alone.md", "---\nparent: none\n---\ntext")
    files.write("zz.md", "---\nparent: deep/../deep/alone.md\n---\nlater")
    done = files.into(knowledge.store)
    assert done.folders == 0
    assert knowledge.note("deep-page").metadata.parent == "zz"
    assert knowledge.note("zz").metadata.parent == "deep-alone"
    assert knowledge.note("deep-alone").metadata.parent is None


def test_a_parent_that_does_not_exist_is_told_and_taken_once_it_does(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", "---\nparent: chief\n---\ntext")
    done = files.into(knowledge.store)
    assert done.warnings.items == ("page.md: its parent chief does not exist",)
    knowledge.put("chief", "now I am here")
    assert files.into(knowledge.store).warnings.total == 0
    assert knowledge.note("page").metadata.parent == "chief"


def test_the_page_of_a_folder_that_comes_later_takes_over_its_note(knowledge: Knowledge, files: Files) -> None:
    files.write("team/ann.md", "# Ann\n")
    files.into(knowledge.store)
    before = knowledge.id_of("team")
    files.write("team/README.md", "# The team\n")
    files.into(knowledge.store)
    assert knowledge.id_of("team") == before
    assert (knowledge.note("team").metadata.title, knowledge.note("team").metadata.note_type) == ("The team", None)
    assert children(knowledge, "team") == ["team-ann"]


def test_a_readme_at_the_top_is_no_parent(knowledge: Knowledge, files: Files) -> None:
    files.write("README.md", "# Read me\n")
    files.write("page.md", "# Page\n")
    files.into(knowledge.store)
    assert knowledge.note("page").metadata.parent is None


def test_relative_links_become_links_between_notes(knowledge: Knowledge, files: Files) -> None:
    files.write("a/one.md", "[two](../b/two.md#part) [folder](../b/) [gone](../b/gone.md)\n")
    files.write("b/two.md", "# Two\n\n## Part\n\nback to [one](/a/one.md)\n")
    files.write("b/index.md", "# B\n")
    done = files.into(knowledge.store)
    out = {(link.note, link.anchor, link.exists) for link in knowledge.outgoing("a-one")}
    assert out == {("b-two", "part", True), ("b", None, True), ("b-gone", None, False)}
    assert [link.note for link in knowledge.incoming("a-one")] == ["b-two"]
    assert (done.links, done.dangling) == (4, 1)


def test_links_to_a_path_that_appears_later_resolve(knowledge: Knowledge, files: Files) -> None:
    files.write("one.md", "[two](sub/two.md)\n")
    files.into(knowledge.store)
    assert knowledge.dangling("one") == ["sub-two"]
    files.write("sub/two.md", "---\nslug: another-name\n---\n# Two\n")
    files.into(knowledge.store)
    assert knowledge.dangling("one") == []
    assert [link.note for link in knowledge.incoming("another-name")] == ["one"]


def test_importing_again_takes_only_what_has_changed(knowledge: Knowledge, files: Files) -> None:
    for name in "abc":
        files.write(f"{name}.md", f"# {name}\n")
    files.into(knowledge.store)
    files.write("b.md", "# b, changed\n")
    done = files.into(knowledge.store)
    assert (done.revisions, done.updated, done.unchanged, done.derived) == (1, 1, 2, 1)
    assert knowledge.note("b").revision == 2
    nothing = files.into(knowledge.store)
    assert (nothing.revisions, nothing.unchanged) == (0, 3)


def test_a_file_that_moved_keeps_its_note_under_its_new_name(knowledge: Knowledge, files: Files) -> None:
    files.write("old/page.md", "# A page\n")
    files.into(knowledge.store)
    files.move("old/page.md", "page.md")
    done = files.into(knowledge.store)
    assert (done.renamed, done.created) == (1, 0)
    assert knowledge.aliases("page") == ("old-page",)
    assert knowledge.note("old-page").metadata.slug == "page"
    assert "old" not in knowledge.listed(), "its folder's note is empty and went"


def test_files_that_vanished_are_counted_and_deleted_only_when_asked(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", "# a\n")
    files.write("b.md", "# b\n")
    files.into(knowledge.store)
    files.delete("a.md")
    assert (files.into(knowledge.store).gone, knowledge.listed()) == (1, ["a", "b"])
    done = files.into(knowledge.store, prune=True)
    assert (done.deleted, done.gone, knowledge.listed()) == (1, 0, ["b"])
    assert knowledge.found("a") == []
    files.write("a.md", "# a is back\n")
    back = files.into(knowledge.store)
    assert (back.restored, back.created) == (1, 0)
    assert knowledge.note("a").revision == 3


def test_what_cannot_become_a_note_is_skipped_with_its_reason(knowledge: Knowledge, files: Files) -> None:
    files.write("fine.md", "# fine\n")
    files.write("large.md", "x" * 1_000_001)
    files.write("exact.md", "---\ntitle: Just small enough\n---\n" + "x" * 1_000_000)
    files.write("latin.md", "caf\xe9".encode("latin-1"))
    files.write("nul.md", "a\0b")
    files.write(".git/hidden.md", "# hidden\n")
    files.write("notes.txt", "no page")
    files.write("../outside.md", "# outside\n")
    (files.path / "leads-out.md").symlink_to(files.path.parent / "outside.md")
    (files.path / "same.md").symlink_to("fine.md")
    (files.path / "loop").symlink_to(files.path)
    os.mkfifo(files.path / "pipe.md")
    done = files.into(knowledge.store)
    assert {skipped.path: skipped.reason for skipped in done.skipped.items} == {
        "large.md": "larger than 1,000,000 bytes",
        "latin.md": "not UTF-8 (byte 3)",
        "nul.md": "holds a NUL character",
        "leads-out.md": "a symbolic link that leads out of the folder",
        "loop": "a symbolic link to a folder",
        "pipe.md": "no regular file",
    }
    assert knowledge.listed() == ["exact", "fine", "same"]


def test_a_slug_that_another_note_has_is_told_apart_by_the_source(knowledge: Knowledge, files: Files) -> None:
    knowledge.put("readme", "written here")
    files.write("README.md", "# from the folder\n")
    files.write("a/b.md", "# one\n")
    files.write("a-b.md", "# two\n")
    files.write("a_b.md", "# three\n")
    files.into(knowledge.store, project="web-app")
    assert knowledge.note("web-app-readme").markdown == "# from the folder\n"
    assert knowledge.listed() == ["a-b", "readme", "web-app-a-b", "web-app-a-b-2", "web-app-readme", "a"]
    assert files.into(knowledge.store).revisions == 0


def test_a_page_that_names_itself_as_its_folder_is_called_keeps_the_name(knowledge: Knowledge, files: Files) -> None:
    files.write("deploy/main.md", "---\nslug: deploy\n---\n# Deploy\n")
    done = files.into(knowledge.store)
    assert (done.notes, done.warnings.total) == (2, 0)
    found = knowledge.note("deploy").metadata
    assert (found.title, found.parent) == ("Deploy", "docs-deploy")


def test_a_page_whose_name_is_cut_to_that_of_its_folder_is_imported(knowledge: Knowledge, files: Files) -> None:
    files.write("docs/" * 40 + "deep.md", "# Deep\n")
    files.into(knowledge.store)
    files.write("docs/" * 41 + "deep.md", "# Deeper\n")
    assert files.into(knowledge.store).created == 2


def test_a_page_that_is_moved_into_a_folder_of_its_new_name_is_imported(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("main.md", "# Deploy\n\nRoll out slowly, and look.\n")
    repo.into(knowledge.store)
    repo.delete("main.md")
    repo.page("deploy/main.md", "---\nslug: deploy\n---\n# Deploy\n\nRoll out slowly, and look.\n")
    repo.into(knowledge.store)
    assert knowledge.note("deploy").metadata.title == "Deploy"


def test_names_without_a_latin_letter_get_a_slug_all_the_same(knowledge: Knowledge, files: Files) -> None:
    files.write("日本語.md", "# 日本語\n")
    files.write("漢字.md", "# 漢字\n")
    files.into(knowledge.store)
    assert {knowledge.note(slug).metadata.title for slug in knowledge.listed()} == {"日本語", "漢字"}


def test_a_text_changed_here_outlives_changes_of_the_front_matter_only(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", "---\nstatus: draft\n---\none\n")
    files.into(knowledge.store)
    knowledge.rewrite("page", "changed here\n")
    files.write("page.md", "---\nstatus: active\n---\none\n")
    assert files.into(knowledge.store).conflicting.total == 0
    assert (knowledge.note("page").markdown, knowledge.note("page").metadata.status) == ("changed here\n", "active")
    files.write("page.md", "---\nstatus: active\n---\ntwo\n")
    assert files.into(knowledge.store).conflicting.total == 1
    assert knowledge.note("page").markdown == "changed here\n"


def test_a_note_deleted_here_stays_deleted(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", "one\n")
    files.into(knowledge.store)
    knowledge.delete("page")
    assert files.into(knowledge.store).revisions == 0
    files.write("page.md", "two\n")
    done = files.into(knowledge.store)
    assert done.conflicting.items[0].reason == "deleted here, changed in its file"
    assert knowledge.listed() == []


def test_what_was_labelled_here_outlives_changes_of_the_file(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", "---\ntags: [a, b]\nstatus: draft\n---\none\n")
    files.into(knowledge.store)
    knowledge.put("page", add_tags=("mine",), remove_tags=("b",), note_type="plan", status="completed")
    files.write("page.md", "---\ntags: [a, b, c]\nstatus: draft\n---\ntwo\n")
    files.into(knowledge.store)
    kept = knowledge.note("page")
    assert (kept.markdown, kept.metadata.tags) == ("two\n", ("a", "c", "mine"))
    assert (kept.metadata.note_type, kept.metadata.status) == ("plan", "completed")
    files.write("page.md", "three\n")
    files.into(knowledge.store)
    assert (knowledge.note("page").metadata.tags, knowledge.note("page").metadata.status) == (("mine",), None)


def test_a_note_moved_to_another_parent_here_stays_there(knowledge: Knowledge, files: Files) -> None:
    files.write("team/ann.md", "one\n")
    files.into(knowledge.store)
    knowledge.put("elsewhere", "text")
    knowledge.put("team-ann", parent="elsewhere")
    files.write("team/index.md", "# Team\n")
    files.write("team/ann.md", "two\n")
    files.into(knowledge.store)
    assert (knowledge.note("team-ann").markdown, knowledge.note("team-ann").metadata.parent) == ("two\n", "elsewhere")


def test_aliases_and_links_set_on_purpose_are_read(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", "---\naliases: [was-a]\nlinks: [continues b#part, blocks later]\n---\ntext")
    files.write("b.md", "see [[was-a]]\n")
    done = files.into(knowledge.store)
    assert done.aliases == 1
    assert knowledge.note("was-a").metadata.slug == "a"
    assert {(link.relation, link.note, link.anchor, link.exists) for link in knowledge.outgoing("a")} == {
        ("continues", "b", "part", True),
        ("blocks", "later", None, False),
    }
    assert [link.note for link in knowledge.outgoing("b")] == ["a"]


def test_a_dry_run_tells_the_same_and_writes_nothing(knowledge: Knowledge, files: Files) -> None:
    files.write("team/ann.md", "# Ann\n")
    files.write("nul.md", "\0")
    before = counts(knowledge.store)
    foreseen = files.into(knowledge.store, project="web-app", dry_run=True)
    assert counts(knowledge.store) == before
    done = files.into(knowledge.store, project="web-app")
    assert foreseen.dry_run
    for name in ("notes", "revisions", "created", "folders", "skipped", "warnings"):
        assert getattr(foreseen, name) == getattr(done, name)


def test_a_project_is_made_and_kept_for_what_comes_later(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", "a")
    files.into(knowledge.store, project="web-app", repo_url="git@github.com:org/web-app.git")
    files.write("b.md", "b")
    files.into(knowledge.store)
    assert knowledge.listed(project="web-app") == ["a", "b"]
    with knowledge.store.reading() as db:
        made = db.execute("SELECT platform, repo_url FROM projects").fetchall()
    assert made == [("github", "https://github.com/org/web-app")]


@pytest.mark.parametrize(("option", "value"), [("project", "No Slug"), ("repo_url", "somewhere")])
def test_an_option_that_cannot_be_taken_is_refused_before_anything_is_written(
    knowledge: Knowledge, files: Files, option: str, value: Any
) -> None:
    files.write("a.md", "a")
    with pytest.raises(Invalid) as refused:
        import_folder(knowledge.store, files.path, ImportOptions(**{option: value}))
    assert refused.value.argument == option
    assert knowledge.listed() == []


def test_a_folder_that_is_not_there_is_refused(knowledge: Knowledge, files: Files) -> None:
    files.path = files.path / "missing"
    with pytest.raises(Invalid, match="there is no folder"):
        files.into(knowledge.store)


def test_progress_ends_at_its_total_and_never_goes_back(knowledge: Knowledge, files: Files) -> None:
    for number in range(300):
        files.write(f"{number}-page.md", "text")
    told: list[tuple[int, int]] = []
    import_folder(knowledge.store, files.path, progress=lambda done, total: told.append((done, total)))
    assert len({total for _, total in told}) == 1
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_an_import_is_done_though_somebody_writes_for_long_when_its_index_could_be_brought_together(
    knowledge: Knowledge, files: Files
) -> None:
    for number in range(60):
        files.write(f"{number}-page.md", "text about elephants")
    with ExitStack() as writes, closing(open_store(knowledge.store.address)) as other:
        last = iter([lambda: writes.enter_context(other.writing(1.0))])

        def progress(done: int, total: int) -> None:
            if done == total and (write := next(last, None)):
                write()

        summary = import_folder(knowledge.store, files.path, progress=progress)
    assert summary.notes == 60
    assert len(knowledge.found("elephants")) == 60


def test_a_stale_note_that_someone_writes_meanwhile_is_derived_at_once(knowledge: Knowledge, files: Files) -> None:
    knowledge.put("page", "# Old\n\nabout elephants and [[there]]\n", tags=("kept",))
    with knowledge.store.writing() as db:
        stale_notes.mark_stale(db, notes.load(db, knowledge.id_of("page")), knowledge.id_of("page"))
    assert knowledge.found("elephants") == []
    knowledge.put("page", status="active")
    assert knowledge.found("elephants") == ["page"]
    with knowledge.store.reading() as db:
        assert count_marked(db) == 0


def test_a_folder_whose_note_comes_back_is_not_put_below_what_stands_below_it(
    knowledge: Knowledge, files: Files
) -> None:
    files.write("a/index.md", "# A\n")
    files.write("a/b/one.md", "# One\n")
    files.into(knowledge.store)
    knowledge.put("inner", "# Inner\n", parent="a-b")
    knowledge.put("a-b", parent="none")
    knowledge.put("a", parent="inner")
    knowledge.delete("a-b")
    files.write("a/b/two.md", "# Two\n")
    files.into(knowledge.store)
    assert verify(knowledge.store).findings == ()
    assert knowledge.note("a-b").metadata.deleted is False


def test_folders_too_deep_and_circles_of_links_are_passed_over(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", "one")
    files.write("/".join(["d"] * 400) + "/b.md", "two")
    (files.path / "one").symlink_to("other")
    (files.path / "other").symlink_to("one")
    (files.path / "same.md").symlink_to("same.md")
    done = files.into(knowledge.store)
    assert knowledge.listed() == ["a"]
    skipped = {skip.path: skip.reason for skip in done.skipped.items}
    assert skipped.pop("/".join(["d"] * 101)) == "more than 100 folders deep"
    assert list(skipped) == ["same.md"]


def test_a_folder_of_more_files_than_are_looked_through_is_refused(
    knowledge: Knowledge, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "MOST_PATHS", 100)
    for name in range(101):
        files.write(f"{name}.txt", "")
    with pytest.raises(Invalid, match="holds more than 100 files: name a folder in it"):
        files.into(knowledge.store)


def test_a_pipe_in_the_place_of_an_exports_marker_holds_nothing_up(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", "one")
    os.mkfifo(files.path / folder.MARKER)
    assert files.into(knowledge.store).created == 1


def test_many_files_are_compared_with_what_was_there_in_a_moment() -> None:
    names = [f"{number}.md" for number in range(100_000)]
    events = differences({f"old/{name}": name for name in names}, {f"new/{name}": name for name in names})
    assert [event.old for event in events[:2]] == ["old/0.md", "old/1.md"]
