import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notewell_store.markdown.links import BodyLink, find_links
from notewell_store.markdown.slugs import SLUG, is_slug, slugify


def found(markdown: str) -> list[tuple[str, str | None, bool]]:
    return [(link.target, link.anchor, link.is_path) for link in find_links(markdown)]


@pytest.mark.parametrize(
    ("markdown", "target", "anchor"),
    [
        ("[[sop-deploy]]", "sop-deploy", None),
        ("[[sop-deploy|the SOP]]", "sop-deploy", None),
        ("[[sop-deploy#roll-back]]", "sop-deploy", "roll-back"),
        ("[[sop-deploy#roll-back|undo]]", "sop-deploy", "roll-back"),
        ("[[sop-deploy@7]]", "sop-deploy", None),
        ("[[sop-deploy@7#roll-back]]", "sop-deploy", "roll-back"),
        ("[[12]]", "12", None),
        ("[[SOP Deploy]]", "sop-deploy", None),
        ("[[Café: Öl & Co]]", "cafe-ol-co", None),
        ("[[SOP Deploy#Roll Back]]", "sop-deploy", "roll-back"),
        ("| a | [[x\\|y]] |", "x", None),
        ("![[embedded]]", "embedded", None),
        ("see note://sop-deploy.", "sop-deploy", None),
        ("(note://sop-deploy#roll-back)", "sop-deploy", "roll-back"),
        ("note://SOP-Deploy@3#x", "sop-deploy", "x"),
        ("<note://a-b>", "a-b", None),
        ("[t](note://a-b#c)", "a-b", "c"),
        ("[t](sop-deploy)", "sop-deploy", None),
        ("[t](sop-deploy#roll-back)", "sop-deploy", "roll-back"),
        ("[id]: sop-deploy", "sop-deploy", None),
    ],
)
def test_a_note_is_linked_by_its_slug(markdown: str, target: str, anchor: str | None) -> None:
    assert found(markdown) == [(target, anchor, False)]


@pytest.mark.parametrize(
    ("markdown", "target", "anchor"),
    [
        ('[t](<path with spaces.md> "title")', "path with spaces.md", None),
        ("[t](../dir/page.md#heading)", "../dir/page.md", "heading"),
        ("[t](./design)", "./design", None),
        ("[t](../dir/)", "../dir/", None),
        ("[t](..)", "..", None),
        ("[t](/handbook/x)", "/handbook/x", None),
        ("[t](README)", "README", None),
        ("[t](a%20b.md#%C3%A4)", "a b.md", "ä"),
        ("[t](page.md?plain=1#x)", "page.md", "x"),
        ("[t](a_(b).mdx)", "a_(b).mdx", None),
        ("[t]( page.md 'title (x)' )", "page.md", None),
        ("[a\nb](page.md)", "page.md", None),
        ("[mid `]` code](page.md)", "page.md", None),
        ("[![a](b.png)](c.md)", "c.md", None),
        ("[a [b] c](page.md)", "page.md", None),
        ('[id]: ../dir/page.md "title"', "../dir/page.md", None),
        ("[id]: <../dir/my page.md>", "../dir/my page.md", None),
        ("[[dir/page]]", "dir/page", None),
        ("[[../page.md#x|y]]", "../page.md", "x"),
    ],
)
def test_a_page_is_linked_by_its_path(markdown: str, target: str, anchor: str | None) -> None:
    assert found(markdown) == [(target, anchor, True)]


@pytest.mark.parametrize(
    "markdown",
    [
        "[t](https://example.com/page.md)",
        "[t](HTTP://example.com)",
        "[t](mailto:a@b.c) [t](tel:123)",
        "[t](//host/page.md)",
        "[t](#anchor)",
        "[t]()",
        "[t](<>)",
        "![t](page.md)",
        "![t][ref]",
        "[t](a.png) [t](b.pdf) [t](c.yaml) [t](../d.tar.gz)",
        "![[picture.png]] [[table.csv]] ![[sound.ogg]] ![[Books.base]]",
        "[x](service.Service{})",
        "[link to advisory](link to advisory)",
        "[x](call()) [x](a,b) [x](a=b)",
        "func Map[T](items) and a[i](0)",
        "[x](12)",
        "[[1]](https://example.com) [[1]][ref]",
        "if [[ -f x ]]; then [[:alpha:]] [[std::string]] [[$x]]",
        "[[]] [[ ]] [[#anchor]] [[|x]]",
        "[^1]: page.md",
        "[note]: done",
        "[note]: see page.md",
        "\\[[x]] \\[a](b.md)",
        "[a\n\nb](page.md)",
        "note:// note://a_b note://a/b note://a--b xnote://a",
        "[unclosed](page.md",
        "[ ] todo [x] done",
    ],
)
def test_what_is_no_link_to_a_note_is_passed_over(markdown: str) -> None:
    assert found(markdown) == []


@pytest.mark.parametrize(
    "hidden",
    [
        "`[[x]]`",
        "``[[x]] ` [[x]]``",
        "`a\n[[x]]`",
        "<!-- [[x]] -->",
        "a <!-- [[x]] --> b",
        "<!--\n\n[[x]]\n-->",
        "```\n[[x]]\n\n[a](x.md)\n```",
        "~~~~ md\n[[x]]\n~~~\n[[x]]\n~~~~",
        "- a\n  ```\n  [[x]]\n  ```",
        "> ```\n> note://x\n> ```",
        "text\n\n    [[x]]\n",
        "<pre>\n[[x]]\n\n[[x]]\n</pre>",
        "a <code>[[x]]</code>",
        "![x](x.md)",
    ],
)
def test_links_in_code_comments_and_images_are_passed_over(hidden: str) -> None:
    assert found(f"[[a]] b\n\n{hidden}\n\n[[z]]") == [("a", None, False), ("z", None, False)]


def test_front_matter_holds_no_links() -> None:
    assert found("---\nrelated: [[x]]\n---\n[[y]]") == [("y", None, False)]


def test_a_backtick_that_is_escaped_or_alone_hides_nothing() -> None:
    assert found("\\`[[x]]` and ` [[y]]") == [("x", None, False), ("y", None, False)]
    assert found("- a ` b\n- [[x]] ` c") == [("x", None, False)]
    assert found("| a ` | b |\n|---|---|\n| ` | [[x]] |") == [("x", None, False)]


def test_a_link_holds_no_other_link_but_an_image_may_hold_one() -> None:
    assert found("[a [b](c-d) e](f-g)") == [("c-d", None, False)]
    assert found("[a](b.md)[c](d.md)") == [("b.md", None, True), ("d.md", None, True)]


def test_a_link_tells_where_it_begins() -> None:
    markdown = "é [[a]]\r\n- [t](b.md)\r\n\r\nnote://c"
    assert find_links(markdown) == (
        BodyLink("a", None, False, markdown.index("[[a")),
        BodyLink("b.md", None, True, markdown.index("[t]")),
        BodyLink("c", None, False, markdown.index("note:")),
    )


def test_links_in_headings_tables_quotes_and_html_count() -> None:
    markdown = "# [[a]]\n\n| [[b]] |\n|---|\n| [[c]] |\n\n> [[d]]\n\n<td>[[e]]</td>\n\n[[f]]\n---\n- [[g]]"
    assert [link.target for link in find_links(markdown)] == list("abcdefg")


@settings(deadline=None)
@given(st.text(alphabet="[](){}|#@!<>\"'\\ab-/.:`\n\r\t 0é", max_size=120))
def test_any_text_has_links_in_order_with_usable_targets(markdown: str) -> None:
    links = find_links(markdown)
    assert [link.start for link in links] == sorted(link.start for link in links)
    for link in links:
        assert link.target and "\n" not in link.target
        assert link.is_path or SLUG.fullmatch(link.target)
        assert 0 <= link.start < len(markdown)


@settings(deadline=None)
@given(
    st.text(alphabet="[]()#|ab`~-> \n", max_size=80),
    st.sampled_from(["```", "````", "~~~"]),
    st.sampled_from(["", "- a\n\n  ", "> ", "1. a\n\n   "]),
)
def test_links_are_never_found_inside_fences(text: str, fence: str, container: str) -> None:
    inside = text.replace(fence[:3], "")
    prefix = container.rpartition("\n")[2].replace("-", " ")
    lines = [f"{fence} md", *f"{inside}[[x]]\n[a](b.md)\nnote://c".split("\n"), fence]
    assert found(container + f"\n{prefix}".join(lines) + "\n\nafter [[z]]") == [("z", None, False)]


@settings(deadline=None)
@given(st.text(max_size=300))
def test_a_slug_is_made_of_any_text_or_none_at_all(text: str) -> None:
    slug = slugify(text)
    assert slug == "" or is_slug(slug)
    assert slugify(slug) == slug


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("SOP: Deploy & Roll back", "sop-deploy-roll-back"),
        ("Crème brûlée", "creme-brulee"),
        ("Straße Łódź", "strasse-lodz"),
        ("camelCase it", "camelcase-it"),
        ("It's John\u2019s", "its-johns"),
        ("2026", "n-2026"),
        ("2026-11", "2026-11"),
        ("日本語", ""),
        ("", ""),
        ("...", ""),
    ],
)
def test_slugs_are_lower_case_words_joined_by_hyphens(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_a_long_slug_is_cut_between_words() -> None:
    assert slugify("one two three", limit=9) == "one-two"
    assert slugify("a" * 300) == "a" * 200


@pytest.mark.parametrize("text", ["", "A", "a b", "-a", "a-", "a--b", "12", "é", "a\n", "a" * 201])
def test_what_is_no_slug_is_refused(text: str) -> None:
    assert not is_slug(text)
    assert is_slug("a" * 200)


HOSTILE = ["[[" * 200_000, "[" * 200_000, "`" * 200_000, "](" * 100_000, "[](" * 100_000, '[a](b "' * 60_000]
HOSTILE += [
    "[[a" * 100_000,
    "<!--" * 100_000,
    "x <pre <code " * 30_000,
    "note://" * 60_000,
    "[a](" + "(b)" * 90_000,
]
HOSTILE += [
    "".join("`" * n + " " for n in range(1, 700)),
    "\\`" * 150_000,
    "[a](b" + " " * 300_000,
    "[a" * 99_000 + "]:",
]
HOSTILE += ["[a]: b.md\n" * 30_000, "> " * 50_000, "- " * 50_000, "#\n" * 100_000]


@pytest.mark.parametrize("markdown", HOSTILE, ids=lambda text: repr(text[:8]))
def test_hostile_texts_are_searched_without_running_away(markdown: str) -> None:
    assert len(find_links(markdown)) <= 60_000


def test_each_of_many_links_is_found() -> None:
    assert len(find_links("see [[a-b]] and [c](d.md#e)\n" * 20_000)) == 40_000
