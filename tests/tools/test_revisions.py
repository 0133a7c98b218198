"""revisions: who changed what, when and why; what lies between two; who brought each line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from notewell_store.tables import history

if TYPE_CHECKING:
    from tests.tools.conftest import Agent

    from notewell_store import Store

PLAN = "# Plan\n\n## Vision\n\nOne store.\n\n## Steps\n\n- one\n- two\n"
PULL = "https://forge.example/pull/7"


@pytest.fixture
def library(agent: Agent) -> Agent:
    """A plan with four revisions, and another note."""
    agent.note("plan", PLAN, reason="first")
    agent.ask("edit_note", ref="plan#steps", mode="append", new_text="- three", revised_by=PULL, reason="more")
    agent.note("other", "text\n")
    agent.ask("upsert_note", slug="plan", title="The plan", status="active")
    agent.ask("edit_note", ref="plan", mode="replace", old_text="One store.", new_text="One file.", revised_by=PULL)
    return agent


def shown_lines(entry: dict[str, Any]) -> list[int]:
    first, _, last = str(entry["lines"]).partition("-")
    return list(range(int(first), int(last or first) + 1))


def test_the_history_of_a_note_has_the_fields_of_the_design(library: Agent) -> None:
    answer = library.ask("revisions", ref="plan")
    assert {"revisions", "next_cursor"} < answer.keys()
    newest, *_, oldest = answer["revisions"]
    assert set(newest) == {
        "slug",
        "revision",
        "seq",
        "revised_at",
        "actor",
        "revised_by",
        "reason",
        "changed",
    }
    assert newest | {"slug": "plan", "revision": 4, "seq": 5, "changed": ["content"], "revised_by": PULL} == newest
    assert (oldest["revision"], oldest["reason"], oldest["changed"]) == (1, "first", ["created"])


def test_the_history_of_a_note_as_text_is_one_line_for_each_revision(library: Agent) -> None:
    head, *lines = library.read("revisions", ref="plan").splitlines()
    when = library.ask("revisions", ref="plan")["revisions"][1]["revised_at"][:16].replace("T", " ")
    assert head == "4 revisions of plan"
    assert lines[1] == f"@3 {when} tester: title, status · seq 4"
    assert lines[2].endswith(f" tester: content · more · {PULL} · seq 2")


def test_the_history_of_the_store_names_the_notes(library: Agent) -> None:
    answer = library.ask("revisions")
    assert [(revision["slug"], revision["revision"]) for revision in answer["revisions"]] == [
        ("plan", 4),
        ("plan", 3),
        ("other", 1),
        ("plan", 2),
        ("plan", 1),
    ]
    head, first, *_ = library.read("revisions", limit=2).splitlines()
    assert head.startswith("2 of 5 revisions; next: cursor="), "not `of plan`, although both shown are the plan's"
    assert first.startswith("plan@4 ")


@pytest.mark.parametrize(
    ("filters", "seqs"),
    [
        ({"revised_by": PULL}, [5, 2]),
        ({"revised_by": PULL, "ref": "other"}, []),
        ({"actor": "tester", "ref": "other"}, [3]),
        ({"actor": "nobody"}, []),
        ({"since": "3"}, [5, 4]),
        ({"since": 4}, [5]),
        ({"since": "2100-01-01"}, []),
        ({"since": "2000-01-01T00:00:00Z"}, [5, 4, 3, 2, 1]),
    ],
)
def test_the_history_is_narrowed_by_account_actor_and_moment(
    library: Agent, filters: dict[str, Any], seqs: list[int]
) -> None:
    answer = library.ask("revisions", **filters)
    assert [revision["seq"] for revision in answer["revisions"]] == seqs
    assert answer["total"] == len(seqs)


def test_cursors_lead_through_the_whole_history_once(library: Agent) -> None:
    seen: list[int] = []
    cursor = None
    for _ in range(3):
        answer = library.ask("revisions", limit=2, cursor=cursor)
        seen += [revision["seq"] for revision in answer["revisions"]]
        cursor = answer["next_cursor"]
    assert (seen, cursor) == ([5, 4, 3, 2, 1], None)


def test_an_empty_history_says_so(library: Agent) -> None:
    assert library.read("revisions", actor="nobody") == "no revision fits"


def test_a_diff_of_one_revision_is_what_it_did(library: Agent) -> None:
    assert library.ask("revisions", ref="plan", diff="2")["diff"] == (
        "--- plan@1\n+++ plan@2\n@@ -8,3 +8,4 @@\n \n - one\n - two\n+- three\n"
    )


def test_a_diff_of_the_first_revision_is_all_of_its_text(library: Agent) -> None:
    diff = library.ask("revisions", ref="other", diff="1")["diff"]
    assert diff == "--- (new)\n+++ other@1\n@@ -0,0 +1 @@\n+text\n"


@pytest.mark.parametrize("wanted", ["1..4", "1...4", "1-4", "@1..@4", " 1 .. 4 "])
def test_a_diff_of_two_revisions_is_all_that_lies_between_them(library: Agent, wanted: str) -> None:
    diff = library.ask("revisions", ref="plan", diff=wanted)["diff"]
    assert diff.startswith("- title: Plan\n+ title: The plan\n- status: \n+ status: active\n--- plan@1\n+++ plan@4\n")
    assert "\n-One store.\n+One file.\n" in diff
    assert "\n+- three\n" in diff


def test_a_diff_backwards_turns_the_signs(library: Agent) -> None:
    assert "\n+One store.\n" in f"{library.ask('revisions', ref='plan', diff='4..3')['diff']}"


def test_a_diff_without_difference_says_so(library: Agent) -> None:
    assert library.read("revisions", ref="plan", diff="2..2") == "no difference"


def test_blame_names_the_revision_of_every_line(library: Agent) -> None:
    blame = library.ask("revisions", ref="plan", blame=True)["blame"]
    assert {"revision", "revised_by", "lines"} < blame[0].keys()
    text = library.markdown("plan").splitlines()
    assert [line for entry in blame for line in shown_lines(entry)] == list(range(1, len(text) + 1))
    by_line = {line: entry["revision"] for entry in blame for line in shown_lines(entry)}
    assert by_line[text.index("One file.") + 1] == 4
    assert by_line[text.index("- three") + 1] == 2
    assert by_line[1] == 1


def test_blame_tells_when_by_whom_and_why_where_a_revision_is_first_named(library: Agent) -> None:
    days = {each["revision"]: each["revised_at"][:10] for each in library.ask("revisions", ref="plan")["revisions"]}
    assert library.read("revisions", ref="plan", blame=True).splitlines() == [
        f"1-4 @1 {days[1]} tester · first | # Plan",
        f"5 @4 {days[4]} tester · {PULL} | One file.",
        "6-10 @1 | ## Steps",
        f"11 @2 {days[2]} tester · more · {PULL} | - three",
    ]


def test_blame_has_as_data_what_the_history_tells_of_each_revision(library: Agent) -> None:
    told = {each["revision"]: each for each in library.ask("revisions", ref="plan")["revisions"]}
    for entry in library.ask("revisions", ref="plan", blame=True)["blame"]:
        for field in ("revised_at", "revised_by", "actor", "reason"):
            assert entry[field] == told[entry["revision"]][field]


def test_blame_of_a_long_history_says_where_it_stopped_looking(library: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_BLAMED", 1)
    newest = library.ask("get_note", ref="plan")["revision"]
    (line,) = library.read("revisions", ref="plan", blame=True).splitlines()
    assert line == f"1-11 @{newest} or before: too many to look at, or redacted | # Plan"
    assert [entry["or_before"] for entry in library.ask("revisions", ref="plan", blame=True)["blame"]] == [True]


def test_blame_of_a_section_covers_its_lines_only(library: Agent) -> None:
    blame = library.ask("revisions", ref="plan#vision", blame=True)["blame"]
    section = library.ask("get_note", ref="plan#vision")["markdown"].splitlines()
    assert [line for entry in blame for line in shown_lines(entry)] == list(range(3, 3 + len(section)))
    assert [entry["revision"] for entry in blame] == [1, 4, 1]


def test_who_changed_a_note_is_told_apart(agent: Agent, store: Store) -> None:
    other = type(agent)(store, "ana")
    agent.note("plan", PLAN)
    other.ask("edit_note", ref="plan", mode="append", new_text="- three")
    assert other.ask("revisions", ref="plan", blame=True)["blame"][-1]["actor"] == "ana"
    assert agent.ask("revisions", actor="ana")["total"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"ref": "plam"}, "There is no note 'plam'. Nearest: plan."),
        ({"diff": "1..2"}, "diff needs ref"),
        ({"blame": True}, "blame needs ref"),
        ({"ref": "plan", "diff": "last"}, "diff='last': send two revision numbers such as 3..5"),
        ({"ref": "plan", "diff": "1..9"}, "There is no revision 'plan@9'. Nearest: plan@4."),
        ({"ref": "plan#visoin", "blame": True}, "Nearest: vision."),
        ({"ref": "plan@2", "blame": True}, "blame tells of the newest text: send ref without @2"),
        ({"since": "some day"}, "is no time: send 2026-11-21"),
        ({"cursor": "§"}, "cursor"),
    ],
)
def test_a_history_that_cannot_be_told_says_what_to_send(library: Agent, arguments: dict[str, Any], said: str) -> None:
    assert said in library.refusal("revisions", **arguments)


def test_the_history_of_a_deleted_note_is_told(library: Agent) -> None:
    library.ask("delete_note", ref="plan", reason="done")
    newest = library.ask("revisions", ref="plan")["revisions"][0]
    assert (newest["revision"], newest["changed"], newest["reason"]) == (5, ["deleted"], "done")


def test_blame_is_cut_like_every_other_answer(agent: Agent) -> None:
    agent.note("page", "line 0\n")
    for number in range(1, 30):
        account = f"https://x.org/{number}"
        agent.ask("edit_note", ref="page", mode="append", new_text=f"- line {number}", revised_by=account)
    shown = agent.read("revisions", ref="page", blame=True)
    assert shown.splitlines()[0] == "20 of 30 runs of lines; next: cursor=20"
    answer = agent.ask("revisions", ref="page", blame=True, cursor="20")
    assert (answer["total"], len(answer["blame"]), answer["next_cursor"]) == (30, 10, None)
    assert "begin anew" in agent.refusal("revisions", ref="page", blame=True, cursor="soon")


def test_a_commit_is_shown_short_and_found_by_what_is_shown(agent: Agent) -> None:
    sha = "0123456789abcdef0123456789abcdef01234567"
    agent.note("page", "text\n", revised_by=sha)
    agent.note("other", "text\n", revised_by="0123456789ff" + sha[12:])
    for shown in (
        agent.read("revisions", ref="page"),
        agent.read("get_note", ref="page"),
        agent.read("revisions", ref="page", blame=True),
    ):
        assert "0123456789ab" in shown
        assert sha not in shown
    assert agent.ask("revisions", ref="page")["revisions"][0]["revised_by"] == sha
    assert [one["slug"] for one in agent.ask("revisions", revised_by="0123456789ab")["revisions"]] == ["page"]
    assert agent.ask("revisions", revised_by=sha)["total"] == 1
    assert agent.ask("revisions", revised_by="0123456")["total"] == 2


def test_a_summary_says_of_each_note_who_how_often_and_how_many_lines(agent: Agent) -> None:
    agent.ask("projects", slug="web", name="Web")
    agent.note("page", "# Page\n\none\ntwo\n", project="web")
    agent.note("elsewhere", "# Elsewhere\n")
    since = agent.ask("revisions", limit=1)["revisions"][0]["seq"]
    for old, new in (("one", "1\n1b"), ("1b", "1c"), ("two", "")):
        agent.ask("edit_note", ref="page", mode="replace", old_text=old, new_text=new)
    agent.note("new", "# New\n")
    summed = agent.ask("revisions", summary=True, since=since)
    assert [note["slug"] for note in summed["notes"]] == ["new", "page"]
    page = summed["notes"][1]
    assert (page["title"], page["revisions"], page["revision"], len(page["actors"])) == ("Page", 3, 4, 1)
    assert (page["added"], page["removed"]) == (3, 2)
    assert agent.ask("revisions", summary=True, project="web")["total"] == 1
    agent.ask("upsert_note", slug="elsewhere", status="done")
    assert agent.read("revisions", summary=True, since=since).splitlines()[1:] == [
        "elsewhere@2 · Elsewhere · 1 revision by tester",
        "new@1 · New · created by tester · +1 lines",
        "page@4 · Page · 3 revisions by tester · +3 -2 lines",
    ]
    assert "page@4 · Page · created, 4 revisions by" in agent.read("revisions", summary=True, project="web")
    assert {one["slug"] for one in agent.ask("revisions", project="web")["revisions"]} == {"page"}
    first = agent.ask("revisions", summary=True, since="0", limit=2)
    rest = agent.ask("revisions", summary=True, since="0", limit=2, cursor=first["next_cursor"])
    assert [note["slug"] for note in (*first["notes"], *rest["notes"])] == ["elsewhere", "new", "page"]
    assert "of what" in agent.refusal("revisions", summary=True)


def test_lines_of_more_text_than_is_compared_for_one_answer_are_not_counted(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.note("first", "# First\n\nlong enough\n")
    agent.note("second", "# Second: some words\n")
    monkeypatch.setattr(history, "MOST_COUNTED", 10)
    second, first = agent.ask("revisions", summary=True, since="0")["notes"]
    assert (second["added"], second["removed"]) == (1, 0)
    assert (first["slug"], {"added", "removed"} & first.keys()) == ("first", set())
    assert agent.read("revisions", summary=True, since="0").splitlines()[-1] == "first@1 · First · created by tester"
