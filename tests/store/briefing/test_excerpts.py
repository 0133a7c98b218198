"""What the brief shows of a text is what the Markdown says it is."""

from __future__ import annotations

import pytest

from notewell_store.briefing.excerpts import lead, steps_of, tidy
from notewell_store.markdown.blocks import Kind, scan

RULE = "---\nNothing here is a key\n---\n\nThe rest.\n"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("---\ntitle: A\n---\nThe rest.", "The rest."),
        ("\ufeff---\rtitle: A\r---\rThe rest.", "The rest."),
        ("---\n---\nThe rest.", "The rest."),
        (RULE, RULE.strip()),
        ("---\ntitle: A\nnever ended\n", "---\ntitle: A\nnever ended"),
    ],
)
def test_front_matter_is_left_out_where_markdown_takes_it_for_that(text: str, kept: str) -> None:
    assert tidy(text) == kept
    assert (next(iter(scan(text))).kind is Kind.FRONT_MATTER) is (kept == "The rest.")


def test_prose_between_two_rules_is_the_lead_of_its_note() -> None:
    assert lead(RULE).startswith("Nothing here is a key")


def test_boxes_in_code_are_no_steps() -> None:
    fenced = "```markdown\n- [ ] as an example\n```\n\n~~~\n- [x] and\n```\n- [ ] another\n~~~\n"
    text = f"- [x] one\n- [ ] two\n\n{fenced}\n1. [ ] three\n"
    assert steps_of(text) == (1, ("two", "three"))
    assert steps_of("- [ ] one\n```\n- [ ] never closed\n") == (0, ("one",))


def test_a_box_without_words_is_no_step() -> None:
    assert steps_of("- [ ]   \n- [x] \n- [ ] one  \r\n") == (0, ("one",))
