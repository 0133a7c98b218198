"""What is exported is imported again as it was."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import place_of

from notewell_store import Attribution, Invalid, Store, Unusable, open_store
from notewell_store.files import exporting
from notewell_store.files.export_folder import sum_of
from notewell_store.files.exporting import export_notes
from notewell_store.files.importing import import_folder

if TYPE_CHECKING:
    from tests.conftest import Knowledge, Processes
    from tests.store.files.conftest import Files, Repo

EVERYTHING = {
    "notes": """SELECT n.slug, n.title, n.note_type, n.status, p.slug, n.tags, up.slug, n.position, n.is_public,
                  t.markdown, t.html FROM notes n JOIN texts t ON t.note_id = n.id
                  LEFT JOIN projects p ON p.id = n.project_id
                  LEFT JOIN notes up ON up.id = n.parent_id AND NOT up.deleted
                WHERE NOT n.deleted ORDER BY n.slug""",
    "aliases": "SELECT a.slug, n.slug FROM aliases a JOIN notes n ON n.id = a.note_id WHERE NOT n.deleted ORDER BY 1",
    "labels": "SELECT l.label, n.slug FROM labels l JOIN notes n ON n.id = l.note_id WHERE l.live ORDER BY 1, 2",
    "links": """SELECT DISTINCT s.slug, l.relation, coalesce(t.slug, l.target), l.anchor, t.id IS NOT NULL FROM links l
                  JOIN notes s ON s.id = l.source_id LEFT JOIN notes t ON t.id = l.target_id AND NOT t.deleted
                WHERE NOT s.deleted ORDER BY 1, 2, 3, 4""",
    "times": "SELECT slug, created_at, updated_at, actor FROM notes WHERE NOT deleted ORDER BY 1",
}


def everything(store: Store) -> dict[str, list[Any]]:
    store.background.finish()
    with store.reading() as db:
        return {name: db.execute(query).fetchall() for name, query in EVERYTHING.items()}


def reimported(folder: Path) -> dict[str, list[Any]]:
    """What an empty store holds once the folder is imported."""
    other = open_store(place_of(folder.parent / f"{folder.name}.db"))
    try:
        done = import_folder(other, folder)
        assert (done.skipped.total, done.warnings.total, done.conflicting.total) == (0, 0, 0)
        return everything(other)
    finally:
        other.close()


def filled(knowledge: Knowledge) -> None:
    """A store whose notes have all that a note can have."""
    with knowledge.store.writing() as db:
        db.execute("INSERT INTO projects (slug, name) VALUES ('web-app', 'web-app')")
    knowledge.put("ops", "# Ops\n\n[[sop-deploy#steps]] and [[not-there]]\n", note_type="sop", project="web-app")
    knowledge.put(
        "sop-deploy",
        "Deploy\r\n\r\n## Steps\r\n\r\nnone",
        parent="ops",
        position=2,
        is_public=True,
        tags=("story:a-b", "on-call"),
        status="In progress",
        title='Say "hi": # now',
    )
    knowledge.put("plan-1", "---\nowner: ann\n---\n# Plan\n", parent="sop-deploy")
    knowledge.put("plan-2", "---\ntitle: not this\n---\n# Plan\n", note_type="plan")
    knowledge.link("plan-2", "plan-1", "ops#Odd anchor: x", relation="continues", allow_missing=True)
    knowledge.link("plan-2", "never-was", relation="blocks", allow_missing=True)
    knowledge.put("readme", "\ufeff# no front matter\n")
    knowledge.rename("readme", "read-me")
    knowledge.put("gone", "text")
    knowledge.delete("gone")
    knowledge.put("child-of-gone", "[to plan](plan-1.md)\n")
    knowledge.put("empty", "")


def test_an_export_imports_again_to_the_same_notes_links_and_tags(knowledge: Knowledge, tmp_path: Path) -> None:
    filled(knowledge)
    done = export_notes(knowledge.store, tmp_path / "out")
    assert reimported(tmp_path / "out") == everything(knowledge.store)
    assert done.notes == 7


def test_below_a_note_that_is_called_none_stands_what_stood_there(knowledge: Knowledge, tmp_path: Path) -> None:
    knowledge.put("none", "# None\n")
    knowledge.put("below", "text\n", parent=str(knowledge.id_of("none")))
    knowledge.put("top", "[[below]]\n")
    folder = tmp_path / "out"
    export_notes(knowledge.store, folder)
    assert 'parent: "[[none]]"\n' in (folder / "below.md").read_text()
    assert "parent: none\n" in (folder / "top.md").read_text()
    assert reimported(folder) == everything(knowledge.store)
    import_folder(knowledge.store, folder)
    assert knowledge.note("below").metadata.parent == "none"


def test_bodies_are_written_byte_for_byte(knowledge: Knowledge, tmp_path: Path) -> None:
    knowledge.put("a", "one\r\ntwo\rthree\n\n\t| x |\u2028é🙂")
    export_notes(knowledge.store, tmp_path / "out")
    assert (tmp_path / "out" / "a.md").read_bytes().endswith("---\r\none\r\ntwo\rthree\n\n\t| x |\u2028é🙂".encode())


def test_imported_notes_keep_their_paths_so_that_relative_links_hold(
    knowledge: Knowledge, files: Files, tmp_path: Path
) -> None:
    files.write("index.md", "# Home\n\n[ann](team/ann.md) [gone](x/gone.md) [up](../up.md)\n")
    files.write("team/ann.md", "---\nweight: 3\ntags: a\n---\n# Ann\n\n[bob](./bob.md#cv) [home](/index.md)\n")
    files.write("team/bob.md", "---\nslug: robert\n---\n# Bob\n\n## CV\n")
    files.write(".github/hidden.md", "never read")
    files.into(knowledge.store)
    knowledge.put("made-here", "[[robert]] and [ann](team/ann.md)\n", parent="team")
    export_notes(knowledge.store, tmp_path / "out")
    assert (tmp_path / "out/team/ann.md").read_text() == (
        "---\ntitle: Ann\nslug: team-ann\ntags: [a]\nparent: team\nweight: 3\n---\n"
        "# Ann\n\n[bob](./bob.md#cv) [home](/index.md)\n"
    )
    assert reimported(tmp_path / "out") == everything(knowledge.store)


def test_several_sources_get_a_folder_each_and_stay_apart(
    knowledge: Knowledge, files: Files, repo: Repo, tmp_path: Path
) -> None:
    files.write("README.md", "[page](sub/page.md) [theirs](../docs/README.md) [gone](gone.md)\n")
    files.write("sub/page.md", "[readme](/README.md)\n")
    repo.write("README.md", "# The other\n\n[page](sub/page.md)\n")
    repo.page(".github/sub/page.md", "[readme](../../README.md)\n")
    files.into(knowledge.store, project="ours")
    repo.into(knowledge.store, project="theirs")
    knowledge.put("here", "[[readme]]", parent="theirs-readme")
    export_notes(knowledge.store, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".notewell-export",
        "here.md",
        "ours",
        "theirs",
    ]
    assert (tmp_path / "out/theirs/github/sub/page.md").exists()
    assert reimported(tmp_path / "out") == everything(knowledge.store)


def test_importing_an_export_into_its_own_store_changes_nothing(knowledge: Knowledge, tmp_path: Path) -> None:
    filled(knowledge)
    before = everything(knowledge.store)
    export_notes(knowledge.store, tmp_path / "out")
    done = import_folder(knowledge.store, tmp_path / "out")
    assert (done.revisions, done.unchanged) == (0, 7)
    assert everything(knowledge.store) == before


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=4), TEXTS.filter(lambda text: text.isprintable() and text.strip()))
def test_any_text_and_title_survive_an_export(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], title: str
) -> None:
    from tests.conftest import Knowledge as Notes

    folder = tmp_path_factory.mktemp("any")
    store = open_store(place_of(folder / "notewell.db"))
    try:
        for number, text in enumerate(texts):
            Notes(store).put(f"note-{number}", text, title=title)
        export_notes(store, folder / "out")
        assert reimported(folder / "out") == everything(store)
    finally:
        store.close()


def test_a_folder_that_holds_other_things_is_refused_unless_told(knowledge: Knowledge, tmp_path: Path) -> None:
    knowledge.put("a", "text")
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with pytest.raises(Invalid, match="not empty and no export made it"):
        export_notes(knowledge.store, out)
    assert [path.name for path in out.iterdir()] == ["mine.txt"]
    export_notes(knowledge.store, out, overwrite=True)
    assert (out / "mine.txt").read_text() == "mine"
    assert (out / "a.md").exists()


def test_exporting_again_removes_what_stands_for_no_note_any_more(
    knowledge: Knowledge, files: Files, tmp_path: Path
) -> None:
    files.write("sub/deep/page.md", "text")
    files.into(knowledge.store)
    out = tmp_path / "out"
    export_notes(knowledge.store, out)
    (out / "sub/mine.txt").write_text("mine")
    for slug in ("sub-deep-page", "sub-deep"):
        knowledge.delete(slug)
    done = export_notes(knowledge.store, out)
    assert (done.notes, done.removed) == (1, 2)
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*")) == [
        ".notewell-export", "sub", "sub/index.md", "sub/mine.txt",
    ]  # fmt: skip


def test_nothing_is_written_or_removed_outside_the_folder(knowledge: Knowledge, tmp_path: Path) -> None:
    knowledge.put("a", "text")
    knowledge.put("b", "text")
    with knowledge.store.writing() as db:
        db.execute("INSERT INTO sources (id, name) VALUES (1, 'folder:/x')")
        db.execute("INSERT INTO origins VALUES (1, '../../evil.md', ?, NULL)", (knowledge.id_of("a"),))
    out = tmp_path / "deep" / "out"
    export_notes(knowledge.store, out)
    assert (out / "_/_/evil.md").exists()
    assert not (tmp_path / "evil.md").exists()
    (tmp_path / "victim.md").write_text("mine")
    (out / ".notewell-export").write_text(
        json.dumps({"files": ["../../victim.md", str(tmp_path / "victim.md")], "sources": []})
    )
    export_notes(knowledge.store, out)
    assert (tmp_path / "victim.md").read_text() == "mine"


def test_a_symbolic_link_in_the_folder_leads_no_file_out(knowledge: Knowledge, files: Files, tmp_path: Path) -> None:
    files.write("sub/page.md", "text")
    files.into(knowledge.store)
    (tmp_path / "elsewhere").mkdir()
    out = tmp_path / "out"
    out.mkdir()
    (out / "sub").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unusable, match="a symbolic link leads out"):
        export_notes(knowledge.store, out, overwrite=True)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_an_export_that_fails_says_how_far_it_came_and_can_be_repeated(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for slug in "abcd":
        knowledge.put(slug, "text")
    every, out = Path.replace, tmp_path / "out"

    def full(self: Path, target: Path) -> Path:
        if target.name == "c.md":
            raise OSError(28, "No space left on device", str(target))
        return every(self, target)

    with monkeypatch.context() as patched, pytest.raises(Unusable, match="stopped after 2 of 4 notes: No space left"):
        patched.setattr(Path, "replace", full)
        export_notes(knowledge.store, out)
    assert sorted(path.name for path in out.iterdir()) == [".notewell-export", "a.md", "b.md"]
    assert export_notes(knowledge.store, out).notes == 4
    assert reimported(out) == everything(knowledge.store)


def test_files_that_were_edited_since_their_export_are_not_written_over_unless_told(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    for slug in "abc":
        knowledge.put(slug, "text\n")
    out = tmp_path / "out"
    export_notes(knowledge.store, out)
    knowledge.rewrite("a", "newer\n")
    assert export_notes(knowledge.store, out).notes == 3, "what the store changed is no edit of the file"
    edited = (out / "b.md").read_text() + "by hand\n"
    (out / "b.md").write_text(edited)
    (out / "c.md").unlink()
    knowledge.rewrite("a", "newest\n")
    with pytest.raises(Invalid, match=r"edited since the export that wrote them: b\.md\. Take over into"):
        export_notes(knowledge.store, out)
    assert "newest" not in (out / "a.md").read_text(), "nothing was written"
    knowledge.delete("b")
    with pytest.raises(Invalid, match="edited since"):
        export_notes(knowledge.store, out)
    assert (out / "b.md").read_text() == edited
    knowledge.restore("b")
    knowledge.rewrite("b", "text\nby hand\n")
    assert export_notes(knowledge.store, out).notes == 3, "what was taken over is lost to nobody"
    (out / "b.md").write_text("again")
    assert export_notes(knowledge.store, out, overwrite=True).notes == 3
    assert (out / "b.md").read_text() == edited


def test_a_damaged_note_is_named_and_the_others_are_written(knowledge: Knowledge, tmp_path: Path) -> None:
    for slug in "abc":
        knowledge.put(slug, "text")
    export_notes(knowledge.store, tmp_path / "out")
    with knowledge.store.writing() as db:
        db.execute("DELETE FROM texts WHERE note_id = ?", (knowledge.id_of("b"),))
    done = export_notes(knowledge.store, tmp_path / "out")
    assert (done.notes, done.damaged, done.removed) == (2, ("b",), 0)
    assert (tmp_path / "out" / "b.md").exists(), "what an earlier export wrote of it stays"


def test_paths_that_some_file_system_takes_for_one_are_told_apart(
    knowledge: Knowledge, repo: Repo, tmp_path: Path
) -> None:
    repo.write("Page.md", "one")
    repo.write("page.md", "two")
    repo.write("con.md", "three")
    repo.commit()
    repo.into(knowledge.store, project="docs")
    export_notes(knowledge.store, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").glob("*.md")) == ["Page.md", "con-.md", "page-2.md"]
    assert reimported(tmp_path / "out") == everything(knowledge.store)


def test_progress_counts_the_notes(knowledge: Knowledge, tmp_path: Path) -> None:
    for slug in "abc":
        knowledge.put(slug, "text")
    told: list[tuple[int, int]] = []
    exporting.export_notes(knowledge.store, tmp_path / "out", progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_file_edited_since_its_export_was_created_when_its_note_was(knowledge: Knowledge, tmp_path: Path) -> None:
    knowledge.put("a", "A", by=Attribution("ann", at="2020-01-01T00:00:00.000Z"))
    export_notes(knowledge.store, tmp_path / "out")
    with (tmp_path / "out" / "a.md").open("a") as file:
        file.write(" and more")
    ((_, created, updated, actor),) = reimported(tmp_path / "out")["times"]
    assert (created, actor) == ("2020-01-01T00:00:00.000Z", "import")
    assert updated > "2026"


def test_a_folder_that_bears_a_marker_of_somebody_else_loses_nothing(knowledge: Knowledge, tmp_path: Path) -> None:
    knowledge.put("n0", "ours\n")
    out = tmp_path / "project"
    for name in ("src/main.py", ".git/config", "README", "n0.md", ".hidden/x.md"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("theirs\n")
    names = ["src/main.py", ".git/config", "README", ".hidden/x.md", "../victim.md", "/etc/passwd", "x" * 5_000]
    (tmp_path / "victim.md").write_text("theirs\n")
    right = sum_of(b"theirs\n")
    named: list[Any] = [{}, dict.fromkeys(names, right), dict.fromkeys([*names, "n0.md"], 7), {"n0.md": [right]}, []]
    for sums in (*named, None):
        marker = {"files": [*names, "n0.md"], "sources": [], "sums": sums}
        (out / ".notewell-export").write_text(json.dumps(marker))
        with pytest.raises(Invalid, match=r"not (written by an|empty and no) export"):
            export_notes(knowledge.store, out)
        assert {path.read_text() for path in out.rglob("*") if path.is_file() and path.name != ".notewell-export"} == {
            "theirs\n"
        }
    assert (tmp_path / "victim.md").read_text() == "theirs\n"


@pytest.mark.parametrize("kind", ["pipe", "loop", "nested"])
def test_a_marker_that_is_no_file_of_ours_is_none(knowledge: Knowledge, tmp_path: Path, kind: str) -> None:
    knowledge.put("a", "text")
    marker = tmp_path / ".notewell-export"
    if kind == "pipe":
        os.mkfifo(marker)
    elif kind == "loop":
        marker.symlink_to(marker)
    else:
        marker.write_text("[" * 100_000)
    with pytest.raises(Invalid, match="no export made it"):
        export_notes(knowledge.store, tmp_path)


EXPORT_KILLED_AT = """
import os, signal, sys
from notewell_store import open_store
from notewell_store.files.exporting import export_notes
store, count = open_store(sys.argv[1]), 0
def reached(event, arguments):
    global count
    count += event == "os.rename"
    if event == "os.rename" and count == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(reached)
export_notes(store, sys.argv[2])
"""


@pytest.mark.parametrize("step", [1, 2, 4, 6])
def test_an_export_that_was_killed_is_repeated_and_still_knows_what_was_edited_since(
    knowledge: Knowledge, processes: Processes, tmp_path: Path, step: int
) -> None:
    out = tmp_path / "out"
    for slug in "abcd":
        knowledge.put(slug, "text\n")
    export_notes(knowledge.store, out)
    for slug in "abcd":
        knowledge.rewrite(slug, "newer\n")
    killed = processes.start(EXPORT_KILLED_AT, knowledge.store.address, out, step)
    assert killed.wait(60) == -9
    for slug in "abc":
        knowledge.rewrite(slug, "newest\n")
    whole = (out / "d.md").read_text()
    (out / "d.md").write_text("by hand\n")
    with pytest.raises(Invalid, match=r"edited since the export that wrote them: d\.md\."):
        export_notes(knowledge.store, out)
    (out / "d.md").write_text(whole)
    assert export_notes(knowledge.store, out).notes == 4
    assert reimported(out) == everything(knowledge.store)


@pytest.mark.parametrize("umask", [0, 0o022])
def test_files_of_private_notes_are_their_owners_only_whatever_the_umask(
    knowledge: Knowledge, tmp_path: Path, umask: int
) -> None:
    knowledge.put("open", "text", is_public=True)
    knowledge.put("closed", "text")
    former = os.umask(umask)
    try:
        export_notes(knowledge.store, tmp_path / "deep" / "out")
    finally:
        os.umask(former)
    out = tmp_path / "deep" / "out"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (out, *out.iterdir())}
    assert modes == {"out": 0o700, ".notewell-export": 0o600, "closed.md": 0o600, "open.md": 0o644}


def test_a_link_inside_the_folder_to_another_place_in_it_is_not_followed(
    knowledge: Knowledge, files: Files, tmp_path: Path
) -> None:
    files.write("sub/deep/page.md", "text")
    files.into(knowledge.store)
    out = tmp_path / "out"
    (out / ".git").mkdir(parents=True)
    (out / "sub").symlink_to(out / ".git")
    with pytest.raises(Unusable, match="a symbolic link leads out"):
        export_notes(knowledge.store, out, overwrite=True)
    assert list((out / ".git").iterdir()) == []
