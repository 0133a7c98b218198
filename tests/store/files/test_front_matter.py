"""Front matter is split from a text and joined to it without loss."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from notewell_store.files import plain_yaml
from notewell_store.files.front_matter import LARGEST_BLOCK, NOTHING, FrontMatter, join, split, split_telling
from notewell_store.markdown.front_matter import front_matter_end
from notewell_store.models import ExplicitLink


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_yaml, "_LOADER", getattr(yaml, request.param))


@pytest.mark.usefixtures("loader")
def test_a_block_of_known_keys_is_taken_off_the_body() -> None:
    text = (
        "---\ntitle: Deploying\nslug: sop-deploy\ntype: SOP\nstatus: Active\ntags: [ops, On Call]\n"
        "project: web-app\nparent: '[[sops]]'\nposition: 3\npublic: yes\naliases:\n- how-to-deploy\n"
        "links:\n  - continues plan-x#vision\n---\n\n# Deploying\n"
    )
    front, body = split(text)
    assert body == "\n# Deploying\n"
    assert front == FrontMatter(
        title="Deploying",
        slug="sop-deploy",
        note_type="sop",
        status="Active",
        tags=("on-call", "ops"),
        project="web-app",
        parent="sops",
        position=3,
        is_public=True,
        aliases=("how-to-deploy",),
        links=(ExplicitLink("continues", "plan-x#vision"),),
    )


@pytest.mark.usefixtures("loader")
def test_other_keys_stay_in_the_body_byte_for_byte() -> None:
    text = (
        "\ufeff---\r\n# who cares\r\nowner:   ann  # really\r\ntags: a, b\r\ntitle: >\r\n  Long\r\n  title\r\n"
        "weight: [1,\r\n  2]\r\n---\r\nbody\r\n"
    )
    front, body = split(text)
    assert (front.title, front.tags) == ("Long title", ("a", "b"))
    assert body == ("\ufeff---\r\n# who cares\r\nowner:   ann  # really\r\nweight: [1,\r\n  2]\r\n---\r\nbody\r\n")


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    "line",
    [
        "links: relates plan-a",
        "slug: Not A Slug",
        "position: first",
        "public: perhaps",
        "title: {a: b}",
        "aliases: [---, '!!']",
        "tags: {a: b}",
        "links: [mentions x]",
        "parent: [a]",
    ],
)
def test_a_value_that_no_note_can_have_stays_in_the_body(line: str) -> None:
    text = f"---\n{line}\nstatus: draft\n---\nbody"
    front, body = split(text)
    assert front == FrontMatter(status="draft")
    assert body == f"---\n{line}\n---\nbody"


@pytest.mark.usefixtures("loader")
def test_values_are_taken_as_they_are_written() -> None:
    front, _ = split("---\ntitle: 2024-01-01\nstatus: no\ntype: on\ntags: [1.10, 0x1F, ~]\nproject: none\n---\n")
    assert front == FrontMatter(title="2024-01-01", status="no", note_type="on", tags=("0x1f", "1.10"))


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize("text", [
    "---\ntitle: [open\n---\nbody",
    "---\n- title\n---\nbody",
    "---\n{title: x}\n---\nbody",
    "---\ntitle: x",
    "--- \nplain words\n---\n",
    "---\n---\nbody",
    "----\ntitle: x\n---\n",
    " ---\ntitle: x\n---\n",
    "text\n---\ntitle: x\n---\n",
    "---\n? title\n: x\n---\n",
    "---\ntitle: x\n--- again\nslug: y\n---\n",
    "---\n%YAML 1.1\n--- \ntitle: x\n---\n",
])  # fmt: skip
def test_what_is_no_plain_mapping_is_all_body(text: str) -> None:
    assert split(text) == (NOTHING, text)


@pytest.mark.usefixtures("loader")
def test_one_value_that_cannot_be_read_costs_no_other_and_is_named_with_its_line() -> None:
    text = (
        '---\ntitle: Plan: second half\ntags: [good, "a, b"]\naliases: [ML, Machine Learning]\n'
        "status: [open\nproject: web\n---\nbody"
    )
    front, body, unread, _ = split_telling(text)
    assert front == FrontMatter(
        title="Plan: second half", tags=("good",), aliases=("machine-learning", "ml"), project="web"
    )
    assert body == '---\ntags: [good, "a, b"]\nstatus: [open\n---\nbody'
    assert unread == (
        "line 2: title: not YAML, taken as it stands",
        "line 3: tags: 'a, b' is none that a note can have",
        "line 5: status: not YAML",
    )


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize("title", ["[RFC] Plan", '"A" and "B"', "'It's'", "@ann", "`code` first", "*Now* or never"])
def test_a_title_that_only_begins_as_yaml_does_is_the_words_as_they_stand(title: str) -> None:
    front, body, unread, _ = split_telling(f"---\ntitle: {title}\nstatus: done\n---\nbody")
    assert (front, body) == (FrontMatter(title=title, status="done"), "body")
    assert unread == ("line 2: title: not YAML, taken as it stands",)


@pytest.mark.usefixtures("loader")
def test_a_type_and_a_status_may_stand_in_a_list_alone() -> None:
    said = split_telling("---\ntype:\n  - sop\nstatus: [In progress]\n---\nbody")
    assert (said.front, said.body) == (FrontMatter(note_type="sop", status="In progress"), "body")
    said = split_telling("---\nstatus: [a, b]\n---\nbody")
    assert (said.front, said.unread) == (FrontMatter(), ("line 2: status: not in a form that is read",))


@pytest.mark.usefixtures("loader")
def test_of_a_key_that_is_said_twice_the_first_counts() -> None:
    said = split_telling("---\ntitle: x\ntitle: y\n---\nbody")
    assert said[:3] == (
        FrontMatter(title="x"),
        "---\ntitle: y\n---\nbody",
        ("line 3: title: said twice, the first counts",),
    )


@pytest.mark.parametrize("alias", ["API 設計", "C++", "План", "2024"])
def test_an_alias_whose_slug_would_say_less_than_it_stays_as_it_is_written(alias: str) -> None:
    front, body, unread, _ = split_telling(f"---\naliases: [{alias}, Ok]\n---\n")
    assert (front.aliases, body, unread) == (tuple(sorted([alias, "ok"])), "", ())


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize("said", ["tags:\n  - ok\n  - {a: b}\n  - too\n", "tags: [ok, [b, c], too]\n"])
def test_an_item_that_is_no_word_costs_no_other_item(said: str) -> None:
    front, body, unread, _ = split_telling(f"---\ntitle: T\n{said}---\nbody")
    assert front == FrontMatter(title="T", tags=("ok", "too"))
    assert (body, unread) == (f"---\n{said}---\nbody", ("line 3: tags: some of the list is no word",))


@pytest.mark.usefixtures("loader")
def test_aliases_and_tags_may_be_said_in_the_singular_and_in_both() -> None:
    text = "---\nalias: Machine Learning\ntag: [b, c]\ntags: a, b\naliases: [ML]\n---\nbody"
    assert split(text) == (FrontMatter(aliases=("machine-learning", "ml"), tags=("a", "b", "c")), "body")


def test_toml_is_read_between_lines_of_plus_signs() -> None:
    text = '+++\r\ntitle = "Run book"\r\ntags = ["ops", "web"]\r\nposition = 3\r\npublic = true\r\n+++\r\nbody'
    assert split(text) == (FrontMatter(title="Run book", tags=("ops", "web"), position=3, is_public=True), "body")


def test_toml_that_says_more_stays_in_the_body_and_times_are_read() -> None:
    text = '+++\ntitle = "A"\ndate = 2024-05-01\n[params]\ntitle = "Other"\n+++\nbody'
    front, body = split(text)
    assert (front.title, (front.created or "")[:10]) == ("A", "2024-05-01")
    assert body == text


def test_of_faulty_toml_and_json_what_can_be_read_is_taken_and_the_rest_named_by_its_line() -> None:
    toml = '+++\n# of hugo\ntitle = Bare words\ntags = ["a"]\n\nstatus = "draft"\n+++\nbody'
    front = FrontMatter(tags=("a",), status="draft")
    assert split_telling(toml)[:3] == (front, toml, ("line 3: title: not TOML",))
    json = '{\n  "title": Bare words,\n  "tags": [\n    "a"\n  ],\n  "status": "draft"\n}\n\nbody'
    assert split_telling(json)[:3] == (front, json, ("line 2: title: not JSON",))


def test_json_is_read_where_a_text_follows_it() -> None:
    text = '{\n  "title": "A",\n  "tags": ["x", "y"],\n  "position": 1\n}\n\nbody'
    assert split(text) == (FrontMatter(title="A", tags=("x", "y"), position=1), "\nbody")
    alone = '{\n  "title": "A"\n}\n'
    assert split(alone) == (NOTHING, alone)


@pytest.mark.parametrize("text", ["+++\nwords\n+++\nbody", "{\nwords\n}\nbody", "{{ macro }}\nbody", "+++ a\n+++"])
def test_what_only_looks_like_toml_or_json_is_all_body(text: str) -> None:
    assert split_telling(text)[:3] == (NOTHING, text, ())
    assert front_matter_end(text) == 0


@pytest.mark.usefixtures("loader")
def test_references_are_left_alone_with_what_they_refer_to() -> None:
    text = "---\nowner: &o ann\ntitle: *o\nstatus: draft\n---\nbody"
    assert split(text) == (FrontMatter(status="draft"), "---\nowner: &o ann\ntitle: *o\n---\nbody")


def test_hostile_blocks_cost_no_time_and_are_all_body() -> None:
    bomb = "a: &a [x,x]\n" + "".join(
        f"{c}: &{c} [*{d},*{d},*{d},*{d}]\n" for c, d in zip("bcdefghij", "abcdefghi", strict=True)
    )
    blocks = [
        "title: " + "[" * 100_000,
        "title: " + "{a: " * 50_000,
        "- " * 100_000,
        "? " * 100_000,
        "x: y\n" * (LARGEST_BLOCK // 4),
        "title: \x07",
        "title: \ud800",
    ]
    started = time.monotonic()
    for block in blocks:
        text = f"---\n{block}\n---\nbody"
        assert split(text) == (NOTHING, text)
    assert split(f"---\n{bomb}---\nbody") == (NOTHING, f"---\n{bomb}---\nbody")
    assert time.monotonic() - started < 5


WORDS = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)
TITLES = (
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text and text.isprintable())
)
ANCHORS = (
    st.text(st.characters(exclude_categories=["Cs", "Zs", "Cc"]), min_size=1, max_size=10).map(str.strip).filter(bool)
)
FRONTS = st.builds(
    FrontMatter,
    title=TITLES,
    slug=st.none() | WORDS,
    note_type=st.none() | WORDS.filter(lambda word: word not in {"none", "arch"}),
    status=st.none() | WORDS.filter(lambda word: word != "none"),
    tags=st.none() | st.sets(WORDS, min_size=1, max_size=3).map(lambda words: tuple(sorted(words))),
    project=st.none() | WORDS.filter(lambda word: word != "none"),
    parent=st.none() | WORDS,
    position=st.none() | st.integers(-(10**15) + 1, 10**15 - 1),
    is_public=st.none() | st.booleans(),
    aliases=st.none() | st.sets(WORDS, min_size=1, max_size=3).map(lambda words: tuple(sorted(words))),
    links=st.none()
    | st.sets(
        st.builds(
            lambda word, slug, anchor: ExplicitLink(word, slug + anchor),
            WORDS.filter(lambda w: w != "mentions"),
            WORDS,
            st.just("") | ANCHORS.map("#".__add__),
        ),
        min_size=1,
        max_size=3,
    ).map(lambda links: tuple(sorted(links, key=lambda link: (link.relation, link.target)))),
)
PIECES = st.sampled_from(
    ["---", "---\n", "...\n", "\n", "\r\n", "\r", "\ufeff", "title: x\n", "other: y\n", "tags:\n- a\n", "slug: b\r\n",
     "# c\n", "weight: |\n  z\n\n", "a: &b c\n", "text\n", "\x85", "\u2028", "- x\n", "{", "title", ": ", "'", '"',
     "\t", "--- \n", "é\n"]
)  # fmt: skip
BODIES = (
    st.lists(PIECES, max_size=12).map("".join)
    | st.text(max_size=60)
    | st.lists(PIECES, max_size=8).map(lambda pieces: "---\n" + "".join(pieces) + "---\nbody")
)


@given(FRONTS, BODIES)
@example(FrontMatter(title="x"), "---\ntitle: y\n---\n")
@example(FrontMatter(title="x"), "---\nowner: ann\n---\n")
@example(FrontMatter(title='"\\'), "\ufeff---\r\nowner: ann\r\n---\r\n")
def test_what_is_joined_splits_into_the_same_again(front: FrontMatter, body: str) -> None:
    assert split(join(front, body)) == (front, body)


@given(BODIES)
def test_any_text_can_be_split_and_stays_as_it_is_or_gets_shorter(text: str) -> None:
    front, body = split(text)
    assert (front, body) == (NOTHING, text) or len(body) < len(text)


@given(BODIES)
def test_both_yaml_parsers_read_the_same(text: str) -> None:
    kept = plain_yaml._LOADER
    try:
        plain_yaml._LOADER = yaml.SafeLoader
        slow = split(text)
        plain_yaml._LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        assert split(text) == slow
    finally:
        plain_yaml._LOADER = kept


def test_known_keys_are_written_into_the_block_that_the_body_has() -> None:
    joined = join(FrontMatter(title="A: b", tags=("x",)), "---\nowner: ann\n---\nbody")
    assert joined == '---\ntitle: "A: b"\ntags: [x]\nowner: ann\n---\nbody'


def test_a_body_whose_block_cannot_take_them_gets_a_block_before_its_own() -> None:
    joined = join(FrontMatter(title="A"), "---\ntitle: B\n---\nbody")
    assert joined == "---\ntitle: A\n---\n---\ntitle: B\n---\nbody"


@pytest.mark.parametrize(
    "value", ["\n  by: x\n  at: y", "\n- {by: x}\n- by: y\n  at: z", "\n  a:\n    b:\n      c", " {a: b}"]
)
def test_a_value_that_no_key_of_ours_has_costs_no_other(value: str) -> None:
    front, body = split(f"---\ntitle: Plan\nother:{value}\ntags: [a]\nstatus: done\n---\ntext\n")
    assert (front.title, front.tags, front.status) == ("Plan", ("a",), "done")
    assert body == f"---\nother:{value}\n---\ntext\n"


@pytest.mark.usefixtures("loader")
def test_a_time_that_cannot_be_read_is_named_with_its_line_where_no_other_key_tells_it() -> None:
    said = split_telling("---\ntitle: T\ncreated: Jan 5, 2021\nupdated: 2024-13-45\nmodified: 2024-05-31\n---\nbody")
    assert (said.front.created, (said.front.updated or "")[:10]) == (None, "2024-05-31")
    assert (said.unread, said.untold) == ((), ("line 3: created: 'Jan 5, 2021' is no time as 2024-05-31",))
