"""get_note: a note, its parts and its surroundings, now or as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.tools.conftest import Agent

from notewell_store.files.importing import import_folder

if TYPE_CHECKING:
    from pathlib import Path

    from notewell_store import Store

DEPLOY = """# Deploy

Read [[captain]] first.

## Steps

1. Build
2. Ship

```sh
# not a heading
```

## After

Watch.

## Steps

Again.
"""
LONG = "# Long\n\n" + "".join(f"## Part {n}\n\n{f'Sentence {n} of the handbook. ' * 40}\n\n" for n in range(60))
MOST = 1_000_000


@pytest.fixture
def library(agent: Agent) -> Agent:
    agent.ask("projects", slug="web", name="Web")
    agent.note("captain", "# Captain\n\nDecides.\n")
    agent.note(
        "sop-deploy",
        DEPLOY,
        note_type="sop",
        status="active",
        project="web",
        tags=["ops"],
        parent="captain",
        revised_by="https://github.com/x/web/pull/7",
    )
    return agent


def test_a_note_has_the_fields_of_the_design(library: Agent) -> None:
    note = library.ask("get_note", ref="sop-deploy")
    assert note == {
        "id": 2,
        "slug": "sop-deploy",
        "title": "Deploy",
        "note_type": "sop",
        "status": "active",
        "project": "web",
        "tags": ["ops"],
        "parent": "captain",
        "is_public": False,
        "revision": 1,
        "revised_by": "https://github.com/x/web/pull/7",
        "updated_at": note["updated_at"],
        "created_at": note["updated_at"],
        "markdown": DEPLOY,
    }


def test_a_note_as_text_is_one_line_about_it_and_its_markdown(library: Agent) -> None:
    day = library.ask("get_note", ref="sop-deploy")["updated_at"][:10]
    assert library.read("get_note", ref="sop-deploy") == (
        f"sop-deploy@1 · Deploy · sop active web · tags ops · parent captain · updated {day} "
        f"by https://github.com/x/web/pull/7\n\n{DEPLOY}"
    )


@pytest.mark.parametrize(
    "ref",
    ["sop-deploy", "sop-deploy@1", "2", "old-name", "note://sop-deploy", "[[sop-deploy]]", "SOP-Deploy"],
)
def test_every_kind_of_reference_names_the_note(library: Agent, ref: str) -> None:
    library.ask("upsert_note", slug="sop-deploy", new_slug="old-name")
    library.ask("upsert_note", slug="old-name", new_slug="sop-deploy")
    answer = library.ask("get_note", ref=ref)
    assert (answer["slug"], answer["markdown"]) == ("sop-deploy", DEPLOY)


@pytest.mark.parametrize(
    ("ref", "begins", "ends"),
    [
        ("sop-deploy#steps", "## Steps\n\n1. Build", "```\n\n"),
        ("sop-deploy#after", "## After\n", "Watch.\n\n"),
        ("sop-deploy#steps-1", "## Steps\n\nAgain", "Again.\n"),
        ("sop-deploy@1#after", "## After\n", "Watch.\n\n"),
    ],
)
def test_a_section_is_its_heading_and_what_stands_below_it(library: Agent, ref: str, begins: str, ends: str) -> None:
    answer = library.ask("get_note", ref=ref)
    assert answer["markdown"].startswith(begins)
    assert answer["markdown"].endswith(ends)
    assert answer["anchor"] == ref.partition("#")[2]
    assert answer["markdown"] in DEPLOY


def test_a_section_of_a_long_page_costs_at_most_a_tenth_of_the_page(agent: Agent) -> None:
    agent.note("long", LONG)
    for form in ("text", "json"):
        page = agent.read("get_note", ref="long", max_chars=MOST, format=form)
        section = agent.read("get_note", ref="long#part-33", format=form)
        assert len(section.encode()) * 10 <= len(page.encode())
    assert "Sentence 33" in agent.read("get_note", ref="long#part-33")


def test_the_table_of_contents_names_anchors_levels_and_sizes(library: Agent) -> None:
    answer = library.ask("get_note", ref="sop-deploy", view="toc")
    assert "markdown" not in answer
    assert [tuple(entry[name] for name in ("anchor", "heading", "level")) for entry in answer["toc"]] == [
        ("deploy", "Deploy", 1),
        ("steps", "Steps", 2),
        ("after", "After", 2),
        ("steps-1", "Steps", 2),
    ]
    for entry in answer["toc"]:
        section = library.ask("get_note", ref=f"sop-deploy#{entry['anchor']}")["markdown"]
        assert entry["chars"] == len(section)
    assert library.read("get_note", ref="sop-deploy", view="toc").splitlines()[1:3] == [
        f"#deploy · Deploy · {len(DEPLOY)}",
        "  #steps · Steps · 55",
    ]


def test_a_note_without_headings_has_an_empty_table_of_contents(agent: Agent) -> None:
    agent.note("plain", "no heading\n")
    assert agent.ask("get_note", ref="plain", view="toc")["toc"] == []
    assert agent.read("get_note", ref="plain", view="toc").endswith("(no headings)")


def test_html_is_rendered_and_safe(library: Agent) -> None:
    library.ask("edit_note", ref="sop-deploy", mode="append", new_text="<script>alert(1)</script>\n\n**bold**\n")
    answer = library.ask("get_note", ref="sop-deploy", view="html")
    assert "markdown" not in answer
    assert "<strong>bold</strong>" in answer["html"]
    assert "<script" not in answer["html"]
    assert library.ask("get_note", ref="sop-deploy#after", view="html")["html"].startswith("<h2")


def test_the_meta_view_leaves_the_text_out(library: Agent) -> None:
    answer = library.ask("get_note", ref="sop-deploy", view="meta")
    assert not {"markdown", "html", "toc"} & answer.keys()
    day = answer["created_at"][:10]
    shown = library.read("get_note", ref="sop-deploy", view="meta")
    assert shown.endswith(f" · created {day}")
    assert "\n" not in shown


def test_links_children_and_history_come_when_included(library: Agent) -> None:
    library.ask("link_notes", source="captain", targets=["sop-deploy"], relation="requires-reading")
    answer = library.ask("get_note", ref="captain", view="meta", include=["links", "children", "history"])
    assert answer["links"] == [
        {
            "target": "sop-deploy",
            "relation": "requires-reading",
            "direction": "out",
            "exists": True,
            "title": "Deploy",
        },
        {
            "target": "sop-deploy",
            "relation": "mentions",
            "direction": "in",
            "exists": True,
            "title": "Deploy",
        },
    ]
    assert [child["slug"] for child in answer["children"]] == ["sop-deploy"]
    assert [(revision["revision"], revision["changed"]) for revision in answer["history"]] == [
        (2, ["links"]),
        (1, ["created"]),
    ]
    shown = library.read("get_note", ref="captain", view="meta", include="links,children,history")
    assert "\n\nlinks: 2\n→ requires-reading sop-deploy · Deploy\n← mentions sop-deploy · Deploy\n" in shown
    assert "\n\nchildren: 1\nsop-deploy · Deploy · sop active web [ops]" in shown
    assert "\n\nhistory: 2\n@2 " in shown


def test_links_and_children_of_a_moment_are_those_of_then(agent: Agent) -> None:
    agent.note("hub")
    agent.note("child", "See [[hub]].\n", parent="hub")
    agent.ask("upsert_note", slug="child", content="nothing\n", if_revision=1, parent="none")
    then = agent.ask("get_note", ref="hub", as_of="2", include="links,children")
    assert [(link["target"], link["direction"]) for link in then["links"]] == [("child", "in")]
    assert [child["slug"] for child in then["children"]] == ["child"]
    now = agent.ask("get_note", ref="hub", as_of="3", include="links,children")
    assert (now["links"], now["children"], now["links_total"], now["children_total"]) == ([], [], 0, 0)


def test_what_is_included_of_a_busy_note_is_cut_and_counted(agent: Agent) -> None:
    agent.note("hub")
    for n in range(60):
        agent.note(f"child-{n}", "See [[hub]].\n", parent="hub")
    answer = agent.ask("get_note", ref="hub", include=["links", "children"])
    assert (len(answer["children"]), answer["children_total"]) == (50, 60)
    assert (len(answer["links"]), answer["links_total"]) == (50, 60)
    assert "children: 50 of 60" in agent.read("get_note", ref="hub", include="children")


@pytest.mark.parametrize("view", ["markdown", "html"])
@pytest.mark.parametrize("max_chars", [100, 997, 20_000])
def test_pages_put_together_are_the_whole_text(agent: Agent, view: str, max_chars: int) -> None:
    agent.note("long", LONG[:30_000] + "\r\nLast line, without an end 👩‍👧")
    whole = agent.ask("get_note", ref="long", view=view, max_chars=MOST)
    assert "truncated" not in whole
    pages: list[str] = []
    offset: int | None = 0
    while offset is not None:
        answer = agent.ask("get_note", ref="long", view=view, max_chars=max_chars, offset=offset)
        assert len(answer[view]) <= max_chars
        pages.append(answer[view])
        assert answer.get("truncated", False) is ("next_offset" in answer)
        offset = answer.get("next_offset")
    assert "".join(pages) == whole[view]


def test_a_long_note_is_cut_and_says_how_to_go_on(agent: Agent) -> None:
    agent.note("long", LONG)
    answer = agent.ask("get_note", ref="long", max_chars=20_000)
    assert answer["truncated"] is True
    assert answer["next_offset"] == len(answer["markdown"]) <= 20_000
    assert answer["markdown"].endswith("\n"), "cut at the end of a line"
    assert agent.read("get_note", ref="long", max_chars=20_000).splitlines()[-1] == (
        f"[cut: {answer['next_offset']:,} of {len(LONG):,} characters; next: offset={answer['next_offset']}, "
        "or read one section: get_note(ref='long', view='toc')]"
    )
    assert f"there are {len(LONG)} characters" in agent.refusal("get_note", ref="long", offset=MOST)


def test_an_earlier_revision_is_read_by_number_and_by_time(library: Agent) -> None:
    then = library.ask("get_note", ref="sop-deploy")["updated_at"]
    library.ask("edit_note", ref="sop-deploy", mode="replace", old_text="Watch.", new_text="Sleep.")
    library.ask("upsert_note", slug="sop-deploy", title="Ship it", status="draft")
    assert "Sleep." in library.markdown("sop-deploy")
    for before in (
        library.ask("get_note", ref="sop-deploy@1"),
        library.ask("get_note", ref="sop-deploy", as_of=then),
    ):
        assert (before["revision"], before["title"], before["status"]) == (1, "Deploy", "active")
        assert before["markdown"] == DEPLOY
    assert library.ask("get_note", ref="sop-deploy#after", as_of=then)["markdown"] == "## After\n\nWatch.\n\n"
    assert library.ask("get_note", ref="sop-deploy", as_of="2100-01-01")["revision"] == 3


def test_a_moment_before_the_note_is_refused_with_its_first_revision(library: Agent) -> None:
    assert library.refusal("get_note", ref="sop-deploy", as_of="2001-01-01").startswith(
        "sop-deploy did not exist as of 2001-01-01T00:00:00.000Z: it was created at 20"
    )
    assert "send one of them" in library.refusal("get_note", ref="sop-deploy@1", as_of="2100-01-01")
    assert "Nearest: sop-deploy@1." in library.refusal("get_note", ref="sop-deploy@9")


def test_an_unknown_slug_names_the_nearest(library: Agent) -> None:
    assert library.refusal("get_note", ref="sop-depoly") == "There is no note 'sop-depoly'. Nearest: sop-deploy."
    assert "Find it with search_notes" in library.refusal("get_note", ref="zzzzzz")


def test_an_unknown_section_names_the_nearest_anchors_and_where_all_stand(library: Agent) -> None:
    assert library.refusal("get_note", ref="sop-deploy#step") == (
        "There is no section 'step' in sop-deploy. Nearest: steps, steps-1. "
        "All anchors: get_note(ref='sop-deploy', view='toc')."
    )


def test_a_deleted_note_says_how_to_read_it_and_bring_it_back(library: Agent) -> None:
    library.ask("delete_note", ref="sop-deploy")
    assert library.refusal("get_note", ref="sop-deploy") == (
        "sop-deploy was deleted (revision 2). Bring it back with restore_note(ref='sop-deploy'), "
        "or read what it said with get_note(ref='sop-deploy@1')."
    )
    assert library.markdown("sop-deploy@1") == DEPLOY


def test_the_history_as_of_a_moment_ends_there(agent: Agent) -> None:
    agent.note("a", "one\n")
    for text in ("two", "three"):
        agent.ask("edit_note", ref="a", mode="append", new_text=text)
    then = agent.ask("get_note", ref="a", as_of="2", include="history")
    assert ([entry["revision"] for entry in then["history"]], then["history_total"]) == ([2, 1], 2)
    assert agent.ask("get_note", ref="a", include="history")["history_total"] == 3
    assert agent.refusal("get_note", ref="a", as_of="0").startswith("a did not exist as of change 0: it was created at")


def test_a_block_is_read_by_its_id_and_a_nested_heading_within_the_others(agent: Agent) -> None:
    agent.note("t", "# T\n\nFirst. ^k1\n\n## One\n\n### Two\n\nhere\n")
    agent.note("from", "[[t#^k1]] and [[t#One#Two]] and ![[t#^k9]]\n")
    block = agent.ask("get_note", ref="t#^K1")
    assert (block["markdown"], block["anchor"], block["heading"]) == ("First. ^k1\n", "^k1", "T")
    assert agent.ask("get_note", ref="[[t#One#Two]]")["markdown"] == "### Two\n\nhere\n"
    assert agent.ask("get_note", ref="t#^k1", view="html")["html"].startswith("<p>First.")
    states = {ref["ref"]: ref["state"] for ref in agent.ask("check_refs", ref="from")["refs"]}
    assert states == {"t#^k1": "exact", "t#Two": "exact", "t#^k9": "missing-section"}


def test_the_head_of_a_section_says_that_its_note_is_over_and_what_holds_in_its_place(agent: Agent) -> None:
    agent.note("sop-old", "# Old\n\n## Steps\n\nPush.\n", status="deprecated")
    agent.note("sop-new", "# New\n\n## Steps\n\nPull.\n", status="active")
    assert agent.read("get_note", ref="sop-old#steps").startswith("sop-old@1#steps · deprecated · Old · ")
    agent.ask("link_notes", source="sop-new", targets="sop-old", relation="supersedes")
    head = agent.read("get_note", ref="sop-old#steps").splitlines()[0]
    assert head.startswith("sop-old@1#steps · deprecated, superseded by sop-new · Old · ")
    assert " · deprecated · superseded by sop-new · " in agent.read("get_note", ref="sop-old")
    assert agent.ask("get_note", ref="sop-old")["successor"] == "sop-new"
    assert agent.read("get_note", ref="sop-new#steps").startswith("sop-new@2#steps · New · ")


@pytest.fixture
def imported(store: Store, tmp_path: Path) -> Agent:
    """What came from a folder of pages, and one note beside it."""
    pages = tmp_path / "pages"
    (pages / "ops").mkdir(parents=True)
    (pages / "ops" / "Roll out.md").write_text("# How we roll out\n\n## First\n\nLook.\n")
    (pages / "ops" / "lights.md").write_text("# Lights\n\nSee [the other](../ops/Roll%20out.md#first).\n")
    (pages / "twin-a.md").write_text("# The twin\n")
    (pages / "twin-b.md").write_text("# The twin\n")
    import_folder(store, pages)
    return Agent(store)


@pytest.mark.parametrize(
    "ref",
    [
        "ops/Roll out.md",
        "/ops/Roll out.md",
        "../ops/Roll%20out.md",
        "./Roll out.md",
        "Roll out",
        "How we roll out",
        "how we  ROLL out",
        "note://ops-roll-out",
        "[[ops/Roll out]]",
    ],
)
def test_a_note_is_read_by_a_path_as_it_stands_in_a_text_or_by_its_title(imported: Agent, ref: str) -> None:
    assert imported.ask("get_note", ref=ref)["slug"] == "ops-roll-out"
    assert imported.read("get_note", ref=f"{ref}#first").startswith("ops-roll-out@1#first · ")


def test_a_title_that_two_notes_have_is_refused_with_both(imported: Agent) -> None:
    assert "'the twin'. Nearest: twin-a, twin-b." in imported.refusal("get_note", ref="The twin")


def test_several_notes_and_sections_are_read_at_once(imported: Agent) -> None:
    answer = imported.ask("get_note", ref="ops-lights, ops-roll-out#first")
    assert [note["slug"] for note in answer["notes"]] == ["ops-lights", "ops-roll-out"]
    assert answer["notes"][1]["markdown"] == "## First\n\nLook.\n"
    shown = imported.read("get_note", ref="ops-lights, ops-roll-out#first")
    assert shown.count("\nops-roll-out@1#first · ") == 1
    assert shown.startswith("ops-lights@1 · Lights · ")
    assert imported.read("get_note", ref=["ops-lights", "ops-roll-out#first"]) == shown


def test_each_of_a_list_is_a_name_of_its_own_whatever_stands_in_it(agent: Agent) -> None:
    agent.note("whole", "# Plan, part two\n")
    for title in ("Plan", "part two", "Other"):
        agent.note(title.replace(" ", "-").lower(), f"# {title}\n")
    read = agent.ask("get_note", ref=["Plan, part two", 4])
    assert [note["slug"] for note in read["notes"]] == ["whole", "other"]
    assert agent.ask("get_note", ref=["whole", ""])["slug"] == "whole"
    assert "should be a valid string" in agent.refusal("get_note", ref=["whole", ["other"]])


def test_sections_of_several_notes_are_read_whichever_comes_first(imported: Agent) -> None:
    answer = imported.ask("get_note", ref="ops-roll-out#first,ops-lights, ops-roll-out@1#first")
    assert [note["slug"] for note in answer["notes"]] == ["ops-roll-out", "ops-lights", "ops-roll-out"]
    both = imported.ask("get_note", ref="ops-lights@1,ops-roll-out@1")
    assert [note["slug"] for note in both["notes"]] == ["ops-lights", "ops-roll-out"]
    imported.note("steps", "# Steps\n\n## First, ops-lights\n\nOn.\n\n## Then, wait\n\nLong.\n")
    assert imported.ask("get_note", ref="steps#Then, wait")["anchor"] == "then-wait"


def test_a_title_with_a_comma_is_one_name(agent: Agent) -> None:
    agent.note("greeting", "# Hello, world\n")
    agent.note("hello")
    assert agent.ask("get_note", ref="Hello, world")["slug"] == "greeting"


def test_several_notes_that_are_not_all_there_are_refused_by_the_one_that_is_not(imported: Agent) -> None:
    assert "'gone'" in imported.refusal("get_note", ref="ops-lights, gone")
    assert imported.refusal("get_note", ref=", ".join(["ops-lights"] * 11)).startswith("11 notes are too many")
    assert "one note" in imported.refusal("get_note", ref="ops-lights, twin-a", offset=5)


GUIDE = "# Guide\n\nWhat this is.\n\n" + "".join(f"## Part {n}\n\n{'Words of a part. ' * 40}\n\n" for n in range(40))


def test_a_long_page_read_without_bounds_is_its_contents_and_its_beginning(agent: Agent) -> None:
    agent.note("guide", GUIDE)
    shown = agent.read("get_note", ref="guide")
    assert len(shown.encode()) <= 6_000
    assert "\n  #part-39 · Part 39 · " in shown
    assert "# Guide\n\nWhat this is.\n" in shown
    assert shown.splitlines()[-1].startswith("[cut: ")
    assert shown.endswith("or read one section: ref=guide#…]")
    answer = agent.ask("get_note", ref="guide")
    assert answer["markdown"] == GUIDE[: answer["next_offset"]]
    assert answer["toc_total"] == len(answer["toc"]) == 41
    rest = agent.ask("get_note", ref="guide", offset=answer["next_offset"], max_chars=100_000)["markdown"]
    assert answer["markdown"] + rest == GUIDE
    assert agent.ask("get_note", ref="guide", max_chars=100_000)["markdown"] == GUIDE


def test_the_beginning_of_a_long_page_ends_before_a_picture_that_stands_in_its_text(agent: Agent) -> None:
    small = f"![icon](data:image/png;base64,{'AbC1' * 50})"
    page = (
        f"# Page\n\n{small}\n\n![graph](data:image/png;base64,{'iVBO' * 9_000})\n\n## How to read it\n\nRed is late.\n"
    )
    agent.note("page", page)
    shown = agent.read("get_note", ref="page")
    assert len(shown) < 600
    assert small in shown
    assert "#how-to-read-it" in shown
    answer = agent.ask("get_note", ref="page")
    assert answer["markdown"] == page[: answer["next_offset"]]
    assert agent.ask("get_note", ref="page", offset=answer["next_offset"])["markdown"].startswith("![graph](data:")
    agent.note("only", page.split("\n\n")[2][len("![graph](") :])
    assert agent.ask("get_note", ref="only")["next_offset"] > 1_000


def test_contents_that_are_long_themselves_are_shown_as_deep_as_there_is_room(agent: Agent) -> None:
    parts = "".join(
        f"## Part {n}\n\n" + "".join(f"### Of it {n} {m}\n\nText.\n\n" for m in range(9)) for n in range(30)
    )
    agent.note("guide", f"# Guide\n\n{parts}")
    shown = agent.read("get_note", ref="guide")
    assert len(shown.encode()) <= 6_000
    assert "#part-29" in shown
    assert "#of-it-29-8" not in shown
    assert shown.endswith("or read one section: get_note(ref='guide', view='toc')]")


def test_a_page_of_letters_of_many_bytes_is_begun_within_the_same_bytes(agent: Agent) -> None:
    agent.note("guide", "# 手引き\n\n" + "日本語の長い文章。" * 500)
    assert len(agent.read("get_note", ref="guide").encode()) <= 6_000


def test_a_page_that_is_not_long_is_whole(agent: Agent) -> None:
    agent.note("page", "# Page\n\n" + "word " * 1_100)
    assert "[cut:" not in agent.read("get_note", ref="page")


def test_the_links_of_a_section_are_its_own_with_the_path_as_it_is_written(
    store: Store, imported: Agent, tmp_path: Path
) -> None:
    page = tmp_path / "pages" / "ops" / "lights.md"
    more = "\n## Night\n\nSee [roll out](Roll%20out.md) and [[nowhere]].\n\n## Day\n\n[[twin-a]]\n"
    page.write_text(page.read_text() + more)
    import_folder(store, tmp_path / "pages")
    imported.note("reader", "[[ops-lights#night]] and [[ops-lights#day]]\n")
    shown = imported.read("get_note", ref="ops-lights#night", include="links")
    assert shown.splitlines()[-4:] == [
        "links: 3",
        "→ mentions ops-roll-out (Roll out.md) · How we roll out",
        "→ mentions nowhere (does not exist)",
        "← mentions reader (to #night) · Reader",
    ]
    assert imported.ask("get_note", ref="ops-lights#night", include="links")["links_total"] == 3


def test_a_path_that_nobody_has_is_refused_with_the_notes_of_paths_like_it(imported: Agent) -> None:
    assert imported.refusal("get_note", ref="/ops/Rol out.md").split("Nearest: ")[1].startswith("ops-roll-out")


def test_a_section_that_moves_away_says_which_of_its_links_lead_elsewhere_now(imported: Agent) -> None:
    imported.note("far", "# Far\n\n## First\n\nx\n")
    page = "## Part\n\n[a](../ops/Roll%20out.md#first), [b](#lights), [c](#part), [[ops-roll-out]], `[d](#lights)`\n"
    imported.ask("edit_note", ref="ops-lights", mode="append", new_text=f"{page}\n```\n[e](#lights)\n```\n")
    answer = imported.ask("edit_note", ref="ops-lights#part", mode="move", to="far", dry_run=True)
    (warning,) = answer["warnings"]
    assert warning == ("2 links of the section lead elsewhere or nowhere in far: ../ops/Roll out.md#first, #lights")


def test_a_numbered_note_is_read_by_its_number_where_it_alone_has_that(agent: Agent) -> None:
    for slug in ("decision-0003-expand", "decision-0004-pull", "decision-0004-push", "decision-room-plan"):
        agent.note(slug, f"# {slug}\n")
    assert agent.ask("get_note", ref="decision-0003")["slug"] == "decision-0003-expand"
    refusal = agent.refusal("get_note", ref="decision-0004")
    assert refusal.startswith("There is no note 'decision-0004'. Nearest: decision-0004-pull, decision-0004-push")
    assert agent.refusal("get_note", ref="decision-room").startswith(
        "There is no note 'decision-room'. Nearest: decision-room-plan"
    )
    assert agent.ask("upsert_note", slug="decision-0003", content="# Its own\n")["outcome"] == "created"
    assert agent.ask("get_note", ref="decision-0003")["slug"] == "decision-0003"
