"""What the place of a page says of it: folders that are named so, `.notewell.toml`, and types that are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.store.files.conftest import Files

from notewell_store import Invalid
from notewell_store.files.exporting import export_notes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Knowledge
    from tests.store.files.conftest import Repo


def types(knowledge: Knowledge) -> dict[str, str | None]:
    notes = [knowledge.note(slug).metadata for slug in knowledge.listed()]
    return {note.slug: note.note_type for note in notes if note.note_type != "folder"}


def test_folders_that_say_so_give_types_and_the_summary_tells(knowledge: Knowledge, files: Files) -> None:
    for folder in ("docs/decisions", "RFCs", "ops/runbooks", "sops", "playbooks", "plans/2024", "todos", "guides"):
        files.write(f"{folder}/page.md", "A page.\n")
    files.write("docs/decisions/README.md", "What we decided.\n")
    files.write("docs/decisions/adr-template.md", "# TITLE\n")
    files.write("sops/said.md", "---\ntype: convention\n---\nA page.\n")
    done = files.into(knowledge.store)
    assert types(knowledge) == {
        "docs-decisions": None,
        "docs-decisions-adr-template": None,
        "docs-decisions-page": "decision",
        "rfcs-page": "decision",
        "ops-runbooks-page": "runbook",
        "sops-page": "sop",
        "sops-said": "convention",
        "playbooks-page": "runbook",
        "plans-2024-page": "plan",
        "todos-page": "todo",
        "guides-page": None,
    }
    assert "docs/decisions/: 1 of type decision" in done.typed.items
    assert "ops/runbooks/: 1 of type runbook" in done.typed.items


def test_a_type_that_is_sent_comes_before_the_folders_name_and_is_given_afterwards_too(
    knowledge: Knowledge, files: Files
) -> None:
    files.write("alerts/disk/full.md", "A page.\n")
    files.write("plans/next.md", "A page.\n")
    files.into(knowledge.store)
    assert types(knowledge) == {"alerts-disk-full": None, "plans-next": "plan"}
    sent = ("alerts/**=runbook", "plans=todo")
    done = files.into(knowledge.store, types=sent)
    assert types(knowledge) == {"alerts-disk-full": "runbook", "plans-next": "todo"}
    assert (done.updated, done.typed.items) == (2, ())
    assert files.into(knowledge.store, types=sent).revisions == 0


def test_a_type_that_is_sent_is_given_to_pages_with_a_history(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("alerts/full.md", "A page.\n")
    repo.into(knowledge.store)
    done = repo.into(knowledge.store, types=("alerts/*.md=runbook",))
    assert (types(knowledge), done.updated) == ({"alerts-full": "runbook"}, 1)
    assert knowledge.note("alerts-full").markdown == "A page.\n"
    assert repo.into(knowledge.store, types=("alerts/*.md=runbook",)).revisions == 0


@pytest.mark.parametrize("sent", ["runbook", "=runbook", "alerts/**=", "alerts=a,b"])
def test_a_type_that_is_none_is_refused(knowledge: Knowledge, files: Files, sent: str) -> None:
    files.write("a.md", "A")
    with pytest.raises(Invalid, match="type="):
        files.into(knowledge.store, types=(sent,))
    assert knowledge.listed() == []


def test_the_configuration_of_a_source_says_types_statuses_tags_and_projects_by_path(
    knowledge: Knowledge, files: Files
) -> None:
    files.write(
        ".notewell.toml",
        """
[types]
"alerts/**" = "runbook"
[statuses]
"**/old/*.md" = "archived"
[tags]
"alerts" = ["pager", "ops"]
"alerts/old" = "past"
[projects]
"billing/**" = "billing"
""",
    )
    files.write("alerts/full.md", "---\ntags: [disk]\n---\nA page.\n")
    files.write("alerts/old/empty.md", "A page.\n")
    files.write("billing/tax.md", "A page.\n")
    files.into(knowledge.store)
    full, empty = knowledge.note("alerts-full").metadata, knowledge.note("alerts-old-empty").metadata
    assert (full.note_type, full.status, full.tags) == ("runbook", None, ("disk", "ops", "pager"))
    assert (empty.note_type, empty.status, empty.tags) == ("runbook", "archived", ("ops", "pager", "past"))
    assert knowledge.note("billing-tax").metadata.project == "billing"


def test_the_project_of_a_source_is_that_of_pages_of_which_nothing_else_says_one(
    knowledge: Knowledge, files: Files
) -> None:
    files.write(".notewell.toml", 'store = "elsewhere"\nproject = "web"\n[projects]\n"billing" = "billing"\n')
    files.write("a.md", "A page.\n")
    files.write("billing/b.md", "A page.\n")
    files.write("c.md", "---\nproject: own\n---\nA page.\n")
    done = files.into(knowledge.store)
    projects = {slug: knowledge.note(slug).metadata.project for slug in ("a", "billing-b", "c")}
    assert projects == {"a": "web", "billing-b": "billing", "c": "own"}
    assert done.warnings.items == ()


@pytest.mark.parametrize(
    ("configuration", "told"),
    [
        ("store = 7\n", "nothing of it was heeded: store=7: a word is needed"),
        ("[types\n", "nothing of it was heeded"),
        ('[kinds]\n"a" = "b"\n', "[kinds] is not heeded"),
        ('types = "a"\n', "[types] is not heeded"),
        ('[types]\n"a" = 1\n', "[types] a is not heeded: a word is needed"),
        ('[tags]\n"a" = [1]\n', "[tags] a is not heeded: a list of words is needed"),
        ('[projects]\n"a" = "Not a slug"\n', "[projects] a is not heeded"),
    ],
)
def test_what_of_a_configuration_cannot_be_heeded_is_told_and_the_pages_are_taken(
    knowledge: Knowledge, files: Files, configuration: str, told: str
) -> None:
    files.write(".notewell.toml", configuration)
    files.write("a.md", "A")
    done = files.into(knowledge.store)
    assert done.created == 1
    assert [told in warning for warning in done.warnings.items] == [True]


def test_an_export_comes_back_with_the_types_that_its_notes_had(knowledge: Knowledge, tmp_path: Path) -> None:
    docs, exported = Files(tmp_path / "docs"), tmp_path / "exported"
    docs.write("plans/a.md", "A page.\n")
    docs.into(knowledge.store)
    knowledge.put("plans-a", note_type="none")
    export_notes(knowledge.store, exported)
    knowledge.delete("plans-a")
    Files(exported).into(knowledge.store)
    assert list(types(knowledge).values()) == [None]


def test_a_pattern_of_many_stars_is_matched_at_once(knowledge: Knowledge, files: Files) -> None:
    files.write("a/" * 40 + "b.md", "A page.\n")
    files.into(knowledge.store, types=("**/a/" * 60 + "*a*a*a*a*a*c=plan",))
    assert "plan" not in types(knowledge).values()
