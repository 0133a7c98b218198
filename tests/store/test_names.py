"""What may be a title, and which files are the page of their folder."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notewell_store.names import LONGEST_TITLE, as_title, folder_pages, is_title, meant_paths, slug_of_path

NEW_EMOJI = "\U0001fae9"  # newer than the Unicode tables of Python 3.11


@pytest.mark.parametrize("title", ["x", "שלום \u200e(x)", f"Release {NEW_EMOJI}", "👩\u200d👧", "x" * LONGEST_TITLE])
def test_a_title_is_taken_as_it_is(title: str) -> None:
    assert is_title(title)
    assert as_title(title) == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("  a \n b ", "a b"),
        ("a\x07b", "a b"),
        ("a\u2028b", "a b"),
        ("half \ud83d of a pair", "half of a pair"),
        ("x" * 400, "x" * LONGEST_TITLE),
        ("\u200d\u200e", None),
        (" \x00 ", None),
        ("", None),
    ],
)
def test_what_is_no_title_is_made_one_where_anything_is_left(text: str, title: str | None) -> None:
    assert not is_title(text)
    assert as_title(text) == title


@given(st.text(max_size=400))
@example("x" * 299 + " y")
@example("\u200d" * 300 + "x")
def test_what_is_made_a_title_is_one(text: str) -> None:
    title = as_title(text)
    assert title is None or is_title(title)
    assert title == text or not is_title(text)


@pytest.mark.parametrize("page", ["index.md", "Index.mdx", "README.md", "ReadMe.markdown", "_index.md"])
def test_a_folders_page_bears_its_slug_and_is_meant_by_a_link_to_it(page: str) -> None:
    assert slug_of_path(f"team/ops/{page}") == "team-ops"
    assert f"team/ops/{page}" in folder_pages("team/ops")
    assert f"team/ops/{page}" in meant_paths("team/ops")


def test_a_readme_at_the_root_is_meant_by_a_link_and_stands_above_no_other_page() -> None:
    assert "README.md" in meant_paths("")
    assert folder_pages("") == [
        f"{stem}{ending}"
        for stem in ("index", "Index", "INDEX", "_index")
        for ending in (".md", ".mdx", ".markdown")
    ]  # fmt: skip
    assert slug_of_path("README.md") == "readme"


def test_a_link_means_first_what_it_says() -> None:
    assert meant_paths("a/b")[:2] == ["a/b", "a/b.md"]
    assert meant_paths("a/b")[-1] == "a/b/"
