"""Decision records are decisions, with the status, the date and the successors that they tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store.files.folder import Folder
from notewell_store.files.readers import reader_of
from notewell_store.models import ExplicitLink

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.store.files.conftest import Files, Repo

TOOLS_1 = """# 1. Keep sessions in memory

Date: 2021-03-04

## Status

Accepted

Superceded by [2. Keep sessions in Redis](0002-keep-sessions-in-redis.md)

## Context

Sessions are short.
"""
TOOLS_2 = """# 2. Keep sessions in Redis

Date: 2022-05-06

## Status

Accepted

Supercedes [1. Keep sessions in memory](0001-keep-sessions-in-memory.md)

Amends [3. Name things](0003-name-things.md)

## Context

There are two servers now.
"""


@pytest.fixture
def records(files: Files) -> Files:
    files.write("0001-keep-sessions-in-memory.md", TOOLS_1)
    files.write("0002-keep-sessions-in-redis.md", TOOLS_2)
    files.write("0003-name-things.md", "# 3. Name things\n\n## Status\n\nPending\n")
    files.write("template.md", "# NUMBER. TITLE\n")
    return files


def test_a_folder_of_numbered_records_is_known_as_one(records: Files) -> None:
    assert reader_of(Folder(records.path)).name == "adr"


def test_records_of_adr_tools_have_their_status_date_and_links(knowledge: Knowledge, records: Files) -> None:
    done = records.into(knowledge.store)
    old = knowledge.note("0001-keep-sessions-in-memory")
    new = knowledge.note("0002-keep-sessions-in-redis")
    assert (old.metadata.title, old.metadata.note_type) == ("1. Keep sessions in memory", "decision")
    assert (old.metadata.status, new.metadata.status) == ("superseded", "Accepted")
    assert (old.created_at, new.created_at) == ("2021-03-04T00:00:00.000Z", "2022-05-06T00:00:00.000Z")
    assert old.metadata.links == (ExplicitLink("superseded-by", new.metadata.slug),)
    assert new.metadata.links == (
        ExplicitLink("amends", "0003-name-things"),
        ExplicitLink("supersedes", old.metadata.slug),
    )
    assert knowledge.note("0003-name-things").metadata.status == "Pending"
    assert (done.created, done.passed_over.items) == (3, ("1 template.md",))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("---\nstatus: superseded by ADR-0002\ndate: 2020-01-02\n---\n# Use XML\n", "superseded"),
        ("---\nstatus: superseded by [ADR-0002](0002-use-json.md)\ndate: 2020-01-02\n---\n# Use XML\n", "superseded"),
        ("# Use XML\n\n* Status: superseded by [ADR-0002](0002-use-json.md)\n* Date: 2020-01-02\n", "superseded"),
        ("# Use XML\n\n- **Status**: replaced by ADR 2\n- **Date**: 2020-01-02\n", "superseded"),
    ],
)
def test_the_successor_of_a_record_of_madr_supersedes_it(
    knowledge: Knowledge, files: Files, text: str, status: str
) -> None:
    files.write("docs/decisions/0001-use-xml.md", text)
    files.write("docs/decisions/0002-use-json.md", "---\nstatus: accepted\n---\n# Use JSON\n")
    files.into(knowledge.store)
    old, new = knowledge.note("docs-decisions-0001-use-xml"), knowledge.note("docs-decisions-0002-use-json")
    assert (old.metadata.status, old.created_at) == (status, "2020-01-02T00:00:00.000Z")
    assert new.metadata.links == (ExplicitLink("supersedes", old.metadata.slug),)
    files.write("docs/decisions/0002-use-json.md", "---\nstatus: accepted\n---\n# Use JSON, of course\n")
    again = files.into(knowledge.store)
    assert knowledge.note(new.metadata.slug).metadata.links == new.metadata.links
    assert (again.updated, again.revisions) == (1, 1)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Accepted on 2020-01-02 by all", "Accepted"),
        ("In progress (see below)", "In progress"),
        ("won't fix", "won't fix"),
        ("Rejected, because the servers could not hold it", "Rejected"),
        ("We are still thinking about what this could mean", None),
        ("<!-- one of: accepted -->\n\nProposed", "Proposed"),
    ],
)
def test_of_a_status_the_words_that_are_one_are_taken(
    knowledge: Knowledge, files: Files, said: str, status: str | None
) -> None:
    files.write("adr/1.md", f"# A\n\n## Status\n\n{said}\n")
    files.into(knowledge.store)
    assert knowledge.note("adr-1").metadata.status == status


def test_links_between_records_stay_in_their_own_source(knowledge: Knowledge, files: Files, repo: Repo) -> None:
    for each in (files, repo):
        each.write("0001-a.md", "# A\n\n## Status\n\nSuperseded by [B](0002-b.md)\n")
        each.write("0002-b.md", "# B\n\n## Status\n\nAccepted\n")
    files.into(knowledge.store)
    repo.commit()
    repo.into(knowledge.store)
    seconds = {slug: knowledge.note(slug) for slug in knowledge.listed() if slug.startswith("repo-")}
    assert seconds["repo-0001-a"].metadata.links == (ExplicitLink("superseded-by", "repo-0002-b"),)
    assert seconds["repo-0002-b"].metadata.links == (ExplicitLink("supersedes", "repo-0001-a"),)


def test_a_history_of_records_is_read_as_one(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("docs/adr/0001-a.md", "# A\n\n## Status\n\nProposed\n")
    repo.write("docs/adr/0002-b.md", "# B\n\n## Status\n\nAccepted\n\nSupersedes [A](0001-a.md)\n")
    repo.page("docs/adr/0001-a.md", "# A\n\n## Status\n\nSuperseded by [B](0002-b.md)\n")
    done = repo.into(knowledge.store)
    old = knowledge.note("docs-adr-0001-a")
    assert (old.metadata.note_type, old.metadata.status, old.revision) == ("decision", "superseded", 2)
    assert knowledge.note("docs-adr-0002-b").metadata.links == (ExplicitLink("supersedes", "docs-adr-0001-a"),)
    assert done.typed.items == ("docs/adr/: 2 of type decision",)
    assert repo.into(knowledge.store).revisions == 0
