"""What in a text may name something: candidates, before any store is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewell_store.markdown.mentions import Form, find_mentions


def found(text: str) -> list[tuple[str, str]]:
    return [(mention.form.name, mention.ref) for mention in find_mentions(text)]


@pytest.mark.parametrize(
    ("text", "form", "ref"),
    [
        ("see sop-deploy.", "NAME", "sop-deploy"),
        ("(sop-deploy)", "NAME", "sop-deploy"),
        ("**sop-deploy:** do", "NAME", "sop-deploy"),
        ("SOP-Deploy says", "NAME", "SOP-Deploy"),
        ("sop-deploy#roll-back.", "NAME", "sop-deploy#roll-back"),
        ("sop-deploy@7, then", "NAME", "sop-deploy@7"),
        ("`sop-deploy@7#roll-back`", "NAME", "sop-deploy@7#roll-back"),
        ("glossary#freeze", "NAME", "glossary#freeze"),
        ("as note id 12 says", "NAME", "12"),
        ("```\n[[sop-deploy]]\n```\n", "NAME", "sop-deploy"),
        ("`note://sop-deploy@3#x`", "NAME", "sop-deploy@3#x"),
        ("[x](note://sop-deploy@3)", "NAME", "sop-deploy@3"),
        ("[[sop-deploy@3|the SOP]]", "NAME", "sop-deploy@3"),
        ("[x](../sops/deploy.md#a)", "PATH", "../sops/deploy.md#a"),
        ("serves story:superuser-deploy.", "KEY", "story:superuser-deploy"),
        ("`Arch:Gateway`", "KEY", "Arch:Gateway"),
        ("https://github.com/x/y/pull/12/files#r3", "PULL", "https://github.com/x/y/pull/12"),
        ("https://git.example.com/a/b/pulls/7.", "PULL", "https://git.example.com/a/b/pulls/7"),
        ("https://gitlab.com/a/b/c/-/merge_requests/7", "PULL", "https://gitlab.com/a/b/c/-/merge_requests/7"),
        ("as of 118784b it", "COMMIT", "118784b"),
        ("https://github.com/x/y/commit/118784bab0", "COMMIT", "118784bab0"),
    ],
)
def test_a_candidate_is_found_in_prose_and_code(text: str, form: str, ref: str) -> None:
    assert (form, ref) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "foo-bar.md",
        "src/foo-bar/x.py",
        "--dry-run",
        ".css-class",
        "#some-anchor",
        "me@foo-bar.com and first-last@example.com",
        "@scope/foo-bar",
        "left-pad@1.3.0",
        "$my-var ~foo-bar",
        "https://foo-bar.com/baz-qux?a=b-c#d-e",
        "kebab-call(x)",
        "10:30 and http://story",
        "std::string",
        "1234567 and deadbeef",
        "plain words",
    ],
)
def test_what_has_another_shape_is_no_candidate(text: str) -> None:
    assert found(text) == []


def test_a_word_in_code_is_quiet_and_one_that_is_a_code_span_is_marked() -> None:
    text = "a-a `b-b` `run c-c now`\n\n    d-d\n\n```\ne-e\n```\n"
    facts = {mention.name: (mention.is_quiet, mention.is_marked) for mention in find_mentions(text)}
    assert facts == {
        "a-a": (False, False),
        "b-b": (False, True),
        "c-c": (True, False),
        "d-d": (True, False),
        "e-e": (True, False),
    }


@given(st.text(), st.text())
def test_no_text_hides_a_wiki_link_or_breaks_the_search(before: str, after: str) -> None:
    text = f"{before}[[sop-deploy]]{after}"
    assert any(mention.form is Form.NAME and mention.name == "sop-deploy" for mention in find_mentions(text))


@given(st.text(alphabet="ab-:/@#[]`|.1 \nhtps", max_size=60))
def test_no_text_of_marks_hides_a_wiki_link(before: str) -> None:
    assert "sop-deploy" in {mention.name for mention in find_mentions(f"{before}[[sop-deploy]]")}


@pytest.mark.parametrize("piece", ["a", "a-", "a-b ", "x:", "story:a ", "[[", "http://", "a#", "`a-b` ", "@1"])
def test_a_large_text_that_repeats_itself_is_read_to_its_end(piece: str) -> None:
    """A search of quadratic time would take hours here."""
    text = f"{piece * (200_000 // len(piece))}\n\n[[sop-deploy]]"
    assert find_mentions(text)[-1].name == "sop-deploy"
