"""What looks most like a name, whatever there is to look at."""

from __future__ import annotations

from notewell_store.nearest import CLOSE, COMPARED, LONGEST, closest, likest


def test_the_likest_come_first_each_with_how_like_it_is() -> None:
    found = likest("sop-deploy", ["todo-paint", "sop-deploy", "sop-deplpy"])
    assert [word for _, word in found] == ["sop-deploy", "sop-deplpy", "todo-paint"]
    likeness = [score for score, _ in found]
    assert likeness[0] == 1.0
    assert sorted(likeness, reverse=True) == likeness
    assert 0 <= likeness[-1] < CLOSE


def test_few_of_many_are_compared_letter_by_letter_and_the_likest_is_among_them() -> None:
    found = likest("sop-deploy", [f"sop-{number}" for number in range(1_000)] + ["sop-deploys"])
    assert len(found) == COMPARED
    assert found[0][1] == "sop-deploys"


def test_what_has_all_words_of_a_name_is_close_however_long_it_is() -> None:
    longer = "wave-planner-of-the-second-platform-team"
    assert likest("wave", [longer])[0][0] >= CLOSE
    assert closest("wave", [longer, "nothing"]) == (longer,)


def test_of_overlong_names_the_beginnings_are_compared() -> None:
    assert likest("a" * 100_000, ["a" * (LONGEST + 1)])[0][0] == 1.0


def test_of_nothing_nothing_is_the_likest() -> None:
    assert likest("sop", []) == []
    assert closest("", ["sop"]) == ()
