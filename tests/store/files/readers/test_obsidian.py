"""A vault of Obsidian becomes notes that are called as there, with the tags of their texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store.files.readers.obsidian import inline_tags

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.store.files.conftest import Files, Repo


@pytest.fixture
def vault(files: Files) -> Files:
    files.write(".obsidian/app.json", "{}")
    files.write(".obsidian/daily-notes.json", '{"folder": "Days"}')
    files.write(".obsidian/templates.json", '{"folder": "Forms/"}')
    files.write(".trash/gone.md", "gone")
    files.write("API 設計.md", "# Something else\n\nSee #design/api and #2024.\n")
    files.write("Ideas/Node.js.md", "---\ntags: [server]\n---\n[[API 設計]], `#code` #Über-Tag\n")
    files.write("Days/2024-02-29.md", "A leap day.\n")
    files.write("2024-03-01.md", "No daily note: it stands elsewhere.\n")
    files.write("Forms/Meeting.md", "{{title}}\n")
    files.write("Map.excalidraw.md", "a drawing\n")
    files.write("Board.canvas", "{}")
    return files


def test_a_note_of_a_vault_is_called_as_its_file(knowledge: Knowledge, vault: Files) -> None:
    vault.into(knowledge.store)
    titles = {knowledge.note(slug).metadata.title for slug in knowledge.listed()}
    assert {"API 設計", "Node.js", "2024-02-29", "2024-03-01"} <= titles


def test_tags_in_the_text_are_tags_of_the_note(knowledge: Knowledge, vault: Files) -> None:
    vault.into(knowledge.store)
    assert knowledge.note("api").metadata.tags == ("design/api",)
    assert knowledge.note("ideas-node-js").metadata.tags == ("server", "über-tag")


@pytest.mark.parametrize(
    "said", ["alias: [ML, Machine Learning]", "alias: ML, Machine Learning", "alias:\n- ML\n- machine-learning"]
)
def test_names_under_the_older_key_are_aliases(knowledge: Knowledge, vault: Files, said: str) -> None:
    vault.write("Learning.md", f"---\n{said}\n---\ntext\n")
    vault.into(knowledge.store)
    assert knowledge.aliases("learning") == ("machine-learning", "ml")


def test_a_daily_note_is_a_journal_of_its_day(knowledge: Knowledge, vault: Files) -> None:
    vault.into(knowledge.store)
    day = knowledge.note("days-2024-02-29")
    assert (day.metadata.note_type, day.created_at) == ("journal", "2024-02-29T00:00:00.000Z")
    assert knowledge.note("2024-03-01").metadata.note_type is None


def test_templates_drawings_and_other_files_are_counted_and_not_taken(knowledge: Knowledge, vault: Files) -> None:
    done = vault.into(knowledge.store)
    assert sorted(done.passed_over.items) == [
        "1 .canvas",
        "1 .obsidian/",
        "1 .trash/",
        "1 Forms/*.md",
        "1 Map.excalidraw.md",
    ]


def test_the_history_of_a_vault_is_read_as_a_vault(knowledge: Knowledge, repo: Repo) -> None:
    repo.write(".obsidian/app.json", "{}")
    repo.page("To do.md", "# Tasks\n\nfirst #now\n")
    repo.page("To do.md", "# Tasks\n\nsecond #later\n")
    repo.into(knowledge.store)
    note = knowledge.note("to-do")
    assert (note.metadata.title, note.metadata.tags, note.revision) == ("To do", ("later",), 2)


def test_a_vault_without_its_settings_is_known_by_notes_in_notes(files: Files) -> None:
    for number in range(4):
        files.write(f"{number}.md", f"{number} ![[picture.png]]\n")
    files.write("Home.md", "[[1]]")
    assert files.reader() == "obsidian"


def test_another_import_of_a_vault_brings_nothing_new(knowledge: Knowledge, vault: Files) -> None:
    first = vault.into(knowledge.store)
    again = vault.into(knowledge.store)
    assert (again.revisions, again.notes) == (0, first.notes)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#a/b, #c.", ["a/b", "c"]),
        ("#123 #1a #y2024", ["1a", "y2024"]),
        ("word#no [x](y#no) [[z#no]] https://e.org/#no", []),
        ("`#no` and ``a `#no` b``\n\n```\n#no\n```\n\n    #no\n", []),
        ("%%#no%% <!-- #no --> #yes", ["yes"]),
        ("# Heading #yes\n\n- #in-list\n> #in-quote\n", ["yes", "in-list", "in-quote"]),
        ("#設計 #हिन्दी #📅plan [#square]", ["設計", "हिन्दी", "📅plan"]),
        ("#Same #same", ["same", "same"]),
        ("a ` stray\n\n#yes ` stray", ["yes"]),
        ("---\ntitle: x\ncolor: #no\n---\n#yes", ["yes"]),
    ],
)
def test_a_tag_is_a_word_behind_a_hash_in_prose(text: str, tags: list[str]) -> None:
    assert list(inline_tags(text)) == tags
