"""The references of a text: what counts as one, and its state in a real store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import Knowledge

from notewell_store import Attribution
from notewell_store.checking.checked import Checked, Report
from notewell_store.checking.judging import Judge
from notewell_store.checking.texts import check_text

if TYPE_CHECKING:
    from notewell_store import Store

PULL = "https://git.example.com/team/web/pulls/412"
SHA = "118784bab021c2c609f84171e48f3addc7575895"

STORIES = """# Harbor

## Stories

| Key | Story | Serves |
| --- | --- | --- |
| `story:team-deploy` | A team deploys | `arch:gateway` |
| `story:superuser-deploy` | A superuser deploys | `arch:gateway` |

## People

| João | `arch:gateway`, `arch:cli` |
| --- | --- |

## Parts

- `arch:cli`: a thin client
"""


@pytest.fixture
def filled(knowledge: Knowledge) -> Knowledge:
    knowledge.put("harbor", STORIES)
    knowledge.put("sop-deploy", "# Deploy\n\n## Roll back\n\nx\n", note_type="sop", tags=("story:team-deploy",))
    knowledge.rewrite("sop-deploy", "# Deploy\n\n## Roll forward\n\n## Roll back\n\nx\n", Attribution("ann", PULL))
    knowledge.put("sop-migrate", "# Migrate\n", by=Attribution("ann", SHA), note_type="sop")
    knowledge.put("sop-handover", "# Handover\n", note_type="sop")
    knowledge.put("plan-2026-q4", "# Plan\n\n<a id='Odd.One'></a>\n", note_type="plan")
    knowledge.put("arch-gateway", "# The gateway\n", note_type="architecture", tags=("arch:gateway",))
    knowledge.put("old-name", "# Renamed\n\n## Steps\n")
    knowledge.rename("old-name", "new-name")
    knowledge.put("sop-gone", "# Gone\n", note_type="sop")
    knowledge.delete("sop-gone")
    knowledge.put("read-write", "# A note with an English name\n")
    knowledge.delete("read-write")
    return knowledge


def report(knowledge: Knowledge, text: str, limit: int | None = None) -> Report:
    with knowledge.store.reading() as db:
        return check_text(db, text, Judge(db), limit)


def states(knowledge: Knowledge, text: str) -> dict[str, str]:
    return {checked.ref: checked.state for checked in report(knowledge, text).refs}


def one(knowledge: Knowledge, text: str) -> Checked:
    (checked,) = report(knowledge, text).refs
    return checked


@pytest.mark.parametrize(
    ("text", "ref", "state"),
    [
        ("[[sop-deploy]]", "sop-deploy", "exact"),
        ("see sop-deploy, then", "sop-deploy", "exact"),
        ("`sop-deploy`", "sop-deploy", "exact"),
        ("SOP-Deploy", "SOP-Deploy", "exact"),
        ("[[Sop Deploy]]", "sop-deploy", "exact"),
        ("note://sop-deploy#roll-back", "sop-deploy#roll-back", "exact"),
        ("[x](sop-deploy#roll-back)", "sop-deploy#roll-back", "exact"),
        ("sop-deploy#Roll-Back", "sop-deploy#Roll-Back", "exact"),
        ("plan-2026-q4#odd.one", "plan-2026-q4#odd.one", "exact"),
        ("sop-deploy@2#roll-forward", "sop-deploy@2#roll-forward", "exact"),
        ("sop-deploy@1#roll-forward", "sop-deploy@1#roll-forward", "missing-section"),
        ("sop-deploy@9", "sop-deploy@9", "missing"),
        ("[[sop-deploy#roll-bck]]", "sop-deploy#roll-bck", "missing-section"),
        ("`sop-deploy#roll-bck`", "sop-deploy#roll-bck", "missing-section"),
        ("harbor#stories", "harbor#stories", "exact"),
        ("[[harbor]]", "harbor", "exact"),
        ("old-name", "old-name", "alias"),
        ("[[old-name#steps]]", "old-name#steps", "alias"),
        ("old-name#stps", "old-name#stps", "missing-section"),
        ("sop-gone", "sop-gone", "deleted"),
        ("[[sop-gone]]", "sop-gone", "deleted"),
        ("[[read-write]]", "read-write", "deleted"),
        ("`read-write`", "read-write", "deleted"),
        ("sop-gone@1", "sop-gone@1", "exact"),
        ("[[nowhere]]", "nowhere", "missing"),
        ("[[999]]", "999", "missing"),
        ("[[1]]", "1", "exact"),
        ("note id 1", "1", "exact"),
        ("sop-deplyo", "sop-deplyo", "missing"),
        ("`sop-teleport`", "sop-teleport", "missing"),
        ("plan-2026-q5 says", "plan-2026-q5", "missing"),
        ("arch-gatewy", "arch-gatewy", "missing"),
        ("some-name#some-part", "some-name#some-part", "missing"),
        ("story:superuser-deploy", "story:superuser-deploy", "exact"),
        ("`story:superuser-deplyo`", "story:superuser-deplyo", "missing"),
        ("arch:gateway", "arch:gateway", "exact"),
        ("arch:cli", "arch:cli", "exact"),
        (PULL, PULL, "exact"),
        (f"{PULL}/files", PULL, "exact"),
        ("https://git.example.com/team/web/pulls/9", "https://git.example.com/team/web/pulls/9", "missing"),
        (SHA, SHA, "exact"),
        (f"commit {SHA[:8]}", SHA[:8], "exact"),
    ],
)
def test_a_reference_has_its_state(filled: Knowledge, text: str, ref: str, state: str) -> None:
    assert states(filled, text) == {ref: state}


@pytest.mark.parametrize(
    "text",
    [
        "read-only, three-way, state-of-the-art, end-to-end",
        "a read-write lock",  # a deleted note was called so
        "sop-driven, plan-based and decision-making",
        "a decision-tree, a plan-b, `plan-b` and `review-app`",
        "`kebab-case` --dry-run foo-bar.md class='sop-card'.",
        "left-pad@7 and user@sop-deploy.com",
        "`kubectl get sop-teleport`",
        "```\nsop-teleport\n[[ -f sop-x ]]\n```\n",
        "---\nparent: sop-teleport\n---\n",
        "handbook#12, harbor#12",
        "type:string, `status:500`, python:3.11, localhost:8080",
        "https://github.com/other/thing/pull/4",
        "deadbeef0 and 0123456789abcdef",
        "see note 3 and id 12",
        "[x](../src/main.py) [x](docs/other.md) [x](#here)",
        "SOP-9000",
    ],
)
def test_what_may_be_something_else_is_no_reference(filled: Knowledge, text: str) -> None:
    assert states(filled, text) == {}


def test_names_made_from_paths_are_known_by_how_they_begin(knowledge: Knowledge) -> None:
    for page in ("releases", "incidents", "hiring"):
        knowledge.put(f"content-departments-engineering-{page}", "x\n")
    text = (
        "content-departments-engineering-realeses, content-type, content-security-policy, `content-departments-sales`"
    )
    assert states(knowledge, text) == {
        "content-departments-engineering-realeses": "missing",
        "content-departments-sales": "missing",
    }


def test_a_missing_note_comes_with_the_nearest(filled: Knowledge) -> None:
    assert one(filled, "[[sop-deplyo]]").nearest[0] == "sop-deploy"


def test_a_missing_section_comes_with_the_nearest_and_its_note(filled: Knowledge) -> None:
    checked = one(filled, "sop-deploy#roll-bak")
    assert (checked.slug, checked.title, checked.nearest[0]) == ("sop-deploy", "Deploy", "sop-deploy#roll-back")


def test_a_word_that_is_a_part_of_a_name_leads_to_it(filled: Knowledge) -> None:
    filled.put("arch-engine", "# Engine\n\n## Wave planner\n")
    assert one(filled, "[[arch-engine#wave]]").nearest == ("arch-engine#wave-planner",)
    assert one(filled, "[[arch-engine#wage]]").nearest == ()


def test_a_missing_key_comes_with_the_nearest(filled: Knowledge) -> None:
    assert one(filled, "story:tem-deploy").nearest == ("story:team-deploy",)


def test_a_revision_that_does_not_exist_says_which_do(filled: Knowledge) -> None:
    assert one(filled, "sop-deploy@9").remark == "sop-deploy has revisions 1 to 2"


def test_another_case_is_told(filled: Knowledge) -> None:
    checked = one(filled, "SOP-Deploy")
    assert (checked.slug, checked.remark) == ("sop-deploy", "is written sop-deploy")


def test_an_alias_tells_the_present_name(filled: Knowledge) -> None:
    assert one(filled, "[[old-name]]").slug == "new-name"


@pytest.mark.parametrize(
    ("key", "slug", "anchor"),
    [
        ("story:superuser-deploy", "harbor", "stories"),  # the row of a table
        ("story:team-deploy", "harbor", "stories"),  # rather than the note that bears it as a tag
        ("arch:cli", "harbor", "parts"),  # a line that begins with it, rather than a cell among others
        ("arch:gateway", "arch-gateway", None),  # the note called so, rather than mentions
    ],
)
def test_a_key_leads_to_what_defines_it(filled: Knowledge, key: str, slug: str, anchor: str | None) -> None:
    checked = one(filled, key)
    assert (checked.slug, checked.anchor) == (slug, anchor)


@pytest.mark.parametrize("heading", ["`story:new-door`: a new door", "New door"])
def test_a_heading_defines_a_key(filled: Knowledge, heading: str) -> None:
    filled.put("stories", f"# Stories\n\nAbout story:new-door.\n\n## {heading}\n\nx\n", tags=("story:new-door",))
    checked = one(filled, "story:new-door")
    assert checked.slug == "stories"
    assert checked.anchor is not None
    assert checked.anchor.endswith("new-door")


def test_a_key_that_is_only_mentioned_says_so(filled: Knowledge) -> None:
    filled.put("chat", "# Chat\n\nWe spoke of story:night-shift.\n")
    assert one(filled, "story:night-shift").remark == "mentioned there, defined nowhere"


def test_a_tag_of_any_namespace_is_a_key(filled: Knowledge) -> None:
    filled.put("epics", "# Epics\n", tags=("epic:checkout",))
    assert one(filled, "epic:checkout").slug == "epics"


def test_a_key_in_a_namespace_without_tags_is_one_where_a_heading_or_a_row_defines_it(filled: Knowledge) -> None:
    filled.put("rules", "# Rules\n\n## rule:small-steps\n\nx\n\n## Scopes\n\n- `chat:write` is needed\n")
    assert states(filled, "`rule:small-steps` `chat:write` `rule:large-steps`") == {"rule:small-steps": "exact"}


def test_a_change_names_the_newest_revision_on_its_account(filled: Knowledge) -> None:
    checked = one(filled, PULL)
    assert (checked.slug, checked.revision) == ("sop-deploy", 2)


def test_the_answer_says_what_was_searched(filled: Knowledge) -> None:
    with filled.store.reading() as db:
        (seq,) = db.execute("SELECT max(seq) FROM revisions").fetchone()
    scope = report(filled, "").searched
    assert (scope.notes, scope.seq) == (len(filled.listed()), seq)


def test_lines_tell_where_a_reference_stands(filled: Knowledge) -> None:
    assert one(filled, "[[sop-deploy]]\r\n\r\nx\rsop-deploy sop-deploy\n`sop-deploy`\n").lines == (1, 4, 5)


def test_more_references_than_asked_for_are_left_out_from_a_line_on(filled: Knowledge) -> None:
    part = report(filled, "sop-deploy\nsop-deploy\nsop-migrate\nold-name\n", limit=2)
    assert ([checked.ref for checked in part.refs], part.next_line) == (["sop-deploy", "sop-migrate"], 4)


@pytest.mark.parametrize("piece", ["a-{} ", "[[a-{}]] ", "story:a{} ", "sop-deploy#{}a ", "sop-{} ", "`x:{}` "])
def test_a_hostile_text_is_answered_in_part(filled: Knowledge, piece: str) -> None:
    text = "\n".join(piece.format(number) for number in range(3_000))
    part = report(filled, text, limit=200)
    assert len(part.refs) <= 200


def test_twenty_true_and_false_references_are_told_apart(filled: Knowledge) -> None:
    text = f"""# Review of the plan

The read-only path is state-of-the-art. [[sop-deploy]] and sop-migrate hold; so does note://plan-2026-q4 and
`arch-gateway`. See [[sop-deploy#roll-back]], [[SOP-Handover]], [the old one](old-name), and sop-deploy@2#roll-forward.
It serves story:superuser-deploy and arch:cli, came with {PULL} in {SHA[:10]}.

Against it: [[sop-rollbak]], sop-teleport, plan-2026-q9, sop-deploy@12, [[sop-deploy#rollback-plan]],
`sop-gone`, story:night-shift, note id 4711, https://git.example.com/team/web/pulls/999 and [[decision-0042]].
"""
    found = states(filled, text)
    good = {ref for ref, state in found.items() if state in ("exact", "alias")}
    assert good == {
        "sop-deploy",
        "sop-migrate",
        "plan-2026-q4",
        "arch-gateway",
        "sop-deploy#roll-back",
        "sop-handover",
        "old-name",
        "sop-deploy@2#roll-forward",
        "story:superuser-deploy",
        "arch:cli",
        PULL,
        SHA[:10],
    }
    assert {ref: state for ref, state in found.items() if ref not in good} == {
        "sop-rollbak": "missing",
        "sop-teleport": "missing",
        "plan-2026-q9": "missing",
        "sop-deploy@12": "missing",
        "sop-deploy#rollback-plan": "missing-section",
        "sop-gone": "deleted",
        "story:night-shift": "missing",
        "4711": "missing",
        "https://git.example.com/team/web/pulls/999": "missing",
        "decision-0042": "missing",
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(before=st.text(), after=st.text())
def test_no_text_breaks_the_check_or_hides_a_link_to_a_note(store: Store, before: str, after: str) -> None:
    knowledge = Knowledge(store)
    if "sop-deploy" not in knowledge.listed():
        knowledge.put("sop-deploy", "# Deploy\n", note_type="sop")
    assert states(knowledge, f"{before}[[sop-deploy]]{after}").get("sop-deploy") == "exact"
