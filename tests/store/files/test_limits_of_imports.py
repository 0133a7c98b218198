"""An import keeps to the limits of the tools, and says what it left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.conftest import Knowledge, place_of
from tests.store.files.conftest import Files

from notewell_store import Attribution, Invalid, open_store
from notewell_store.files.exporting import export_notes
from notewell_store.files.front_matter import FrontMatter, join
from notewell_store.names import LONGEST_TITLE, as_title, is_title
from notewell_store.writing.limits import LARGEST_POSITION, LONGEST_LINE, MOST_LINKS, MOST_TAGS

if TYPE_CHECKING:
    from tests.store.files.conftest import Repo

NEW_EMOJI = "\U0001fae9"  # newer than the Unicode tables of Python 3.11
ODD = st.characters(exclude_categories=["Cs"]) | st.sampled_from(f"\u200e\u200d\u202e\ufeff\x07 {NEW_EMOJI}")


def too_many(what: str, number: int) -> str:
    return f"[{', '.join(f'{what}-{n:04}' for n in range(number))}]"


def test_a_file_with_too_many_tags_gives_a_note_with_as_many_as_may_be(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", f"---\ntags: {too_many('tag', 150)}\n---\n# A\n")
    files.write("b.md", "# B\n")
    done = files.into(knowledge.store)
    assert (done.created, done.skipped.total) == (2, 0)
    assert knowledge.note("a").metadata.tags == tuple(f"tag-{n:04}" for n in range(MOST_TAGS))
    assert done.warnings.items == (
        "a.md: of its 150 tags these are left out, for a note bears no more: "
        "tag-0100, tag-0101, tag-0102, tag-0103, tag-0104 and 45 more",
    )
    assert files.into(knowledge.store).warnings.total == 0


def test_tags_that_were_given_here_stay_when_a_file_brings_too_many(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", "# A\n")
    files.into(knowledge.store)
    knowledge.put("a", add_tags=("zz-mine",))
    files.write("a.md", f"---\ntags: {too_many('tag', 120)}\n---\n# A\n")
    assert files.into(knowledge.store).warnings.total == 1
    tags = knowledge.note("a").metadata.tags
    assert (len(tags), tags[-1]) == (MOST_TAGS, "zz-mine")
    knowledge.put("a", remove_tags=("zz-mine",))
    with pytest.raises(Invalid, match="too many"):
        knowledge.put("a", add_tags=("one", "two"))


def test_links_titles_and_positions_over_a_limit_are_taken_as_far_as_may_be(knowledge: Knowledge, files: Files) -> None:
    links = ", ".join(f"relates other-{n:04}" for n in range(MOST_LINKS + 2))
    files.write("a.md", f"---\ntitle: {'x' * 400}\nposition: 5000000000\nlinks: [{links}]\n---\ntext\n")
    done = files.into(knowledge.store)
    metadata = knowledge.note("a").metadata
    assert (metadata.title, metadata.position) == ("x" * LONGEST_TITLE, None)
    assert len(metadata.links) == MOST_LINKS
    assert done.warnings.items == (
        f"a.md: its title has 400 characters, of which {LONGEST_TITLE} are kept",
        "a.md: its position 5,000,000,000 is left out",
        f"a.md: of its {MOST_LINKS + 2:,} links these are left out, for a note bears no more: other-1000, other-1001",
    )
    with pytest.raises(Invalid, match="links are too many"):
        knowledge.link("a", "one-more", allow_missing=True)
    with pytest.raises(Invalid, match="position"):
        knowledge.put("a", position=LARGEST_POSITION + 1)


@pytest.mark.parametrize("line", [f"tags: [{'x' * 101}]", f"type: {'x' * 101}", f"status: {'x' * 101}"])
def test_a_word_that_no_tool_takes_stays_in_the_text(knowledge: Knowledge, files: Files, line: str) -> None:
    files.write("a.md", f"---\n{line}\n---\n# A\n")
    files.into(knowledge.store)
    assert knowledge.note("a").markdown == f"---\n{line}\n---\n# A\n"


def test_a_status_is_kept_on_one_line_as_a_tool_keeps_it(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", "---\nstatus: |\n  In\n   progress\n---\n# A\n")
    files.into(knowledge.store)
    assert knowledge.note("a").metadata.status == "In progress"


def test_a_commit_is_told_on_one_line_and_cut_where_a_reason_would_be_refused(knowledge: Knowledge, repo: Repo) -> None:
    repo.write("a.md", "# A\n")
    repo.commit("why " * 300 + "end", author="Ann\x1b[31m")
    repo.into(knowledge.store)
    (revision,) = knowledge.history("a")
    assert revision.actor == "Ann [31m"
    assert revision.reason is not None
    assert len(revision.reason) <= LONGEST_LINE
    assert revision.reason.endswith(" …")
    with pytest.raises(Invalid, match="reason has"):
        knowledge.put("b", "x", by=Attribution("ann", None, "why " * 300))


def test_a_file_whose_name_holds_marks_of_direction_or_a_new_emoji_is_read(knowledge: Knowledge, files: Files) -> None:
    files.write(f"a\u200e {NEW_EMOJI}.md", "text\n")
    done = files.into(knowledge.store)
    assert (done.created, done.skipped.total) == (1, 0)
    assert knowledge.note("a").metadata.title == f"A\u200e {NEW_EMOJI}"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(ODD, min_size=1, max_size=320), min_size=1, max_size=5))
@example(["\u200e שלום", f"Release {NEW_EMOJI}", "a\x07b", "x" * 301, "\u200d", "\ufeffx", "\ufffe"])
def test_a_title_that_a_tool_takes_survives_an_export_and_any_other_is_made_readable(
    tmp_path_factory: pytest.TempPathFactory, titles: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("titles")
    store, other = open_store(place_of(folder / "notewell.db")), open_store(place_of(folder / "other.db"))
    try:
        there, here = Knowledge(store), Knowledge(other)
        refused = Files(folder / "refused")
        for number, title in enumerate(titles):
            try:
                there.put(f"taken-{number}", "text", title=title)
            except Invalid:
                refused.write(f"refused-{number}.md", join(FrontMatter(title=title), "text"))
        export_notes(store, folder / "out")
        Files(folder / "out").into(other)
        for slug in there.listed():
            assert here.note(slug).metadata == there.note(slug).metadata
            assert here.note(slug).markdown == "text"
        refused.into(other)
        made = {slug: here.note(slug) for slug in here.listed() if slug.startswith("refused")}
        assert len(made) + len(there.listed()) == len(titles)
        for slug, note in made.items():
            told = titles[int(slug.removeprefix("refused-"))]
            assert is_title(note.metadata.title)
            assert (note.markdown == "text") == (as_title(told) is not None), (
                "what is no title at all stays in the text"
            )
            assert as_title(told) in (None, note.metadata.title)
    finally:
        store.close()
        other.close()
