"""What of a text is indexed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notewell_store.markdown.passages import HUMP, HUMPED, searchable


@given(st.text("aZ1_ é-B", max_size=12))
def test_the_quick_look_for_camel_case_misses_none_and_takes_nothing_else_for_it(text: str) -> None:
    assert bool(HUMPED.search(text)) is bool(HUMP.search(text))


def test_words_in_camel_case_are_indexed_whole_and_in_parts() -> None:
    assert searchable("the HTTPServer of v2Api") == "the HTTPServer of v2Api HTTP Server v2 Api"
    assert searchable("all the APIs") == "all the APIs"
