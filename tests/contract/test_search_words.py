"""What a search understands: names, phrases, prefixes, scripts, endings, mistakes; and what it does not find."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import ANY

import pytest

from notewell_store import Filter
from notewell_store.contract import Visibility
from notewell_store.models import Correction, Found
from notewell_store.search import candidates
from notewell_store.search import search as search_module
from notewell_store.search.search import search_notes

if TYPE_CHECKING:
    from tests.conftest import Knowledge


def search(knowledge: Knowledge, query: str, limit: int = 10, **wanted: object) -> Found:
    with knowledge.store.reading() as db:
        return search_notes(db, query, Filter(**wanted), limit)  # type: ignore[arg-type]


@pytest.fixture
def library(knowledge: Knowledge) -> Knowledge:
    notes = {
        "settings": "# Settings\n\nThe file is named by `NOTEWELL_DB`, else it lies in the data folder.\n",
        "databases": "# Databases\n\nThe notewell people keep a db for each service, and others.\n",
        "sop-deploy": "# Shipping\n\nPush the green button, then watch the graphs.\n",
        "mentions": "# Mentions\n\nAs [[sop-deploy]] says, see sop-deploy. Again: sop-deploy. A sop; to deploy.\n",
        "merged": "# Merged\n\nThe parser came with PR #123 in v2.3.0 of May.\n",
        "numbers": "# Numbers\n\n123 of 2 in 3 and 0, a PR of v2; v2.30.1 has 12 and 3.\n",
        "code": "# Code\n\nCall `parseSections(text)`; it is in store/notewell_store/sqlite/search.py, line 7.\n",
        "other-code": "# Other code\n\nThe store of notewell has a search in sqlite. Parse the line. Sections.\n",
        "errors": "# When it fails\n\n`sqlite3.OperationalError: database is locked (5)` means that a writer waits.\n",
        "locked": "# Doors\n\nThe operational database room is locked.\n",
        "cafe": "# Coffee\n\nThe café serves crème brûlée in Zürich.\n",
        "chinese": "# 部署\n\n我们如何部署服务:先运行数据库迁移,然后重启服务器。\n",
        "japanese": "# 手順\n\nサーバーを再起動する前に、データベースをバックアップしてください。\n",
        "korean": "# 배포\n\n데이터베이스를 백업한 다음 서버를 다시 시작합니다.\n",
        "russian": "# Сказки\n\nБыстрая лиса и ленивая собака.\n",  # noqa: RUF001 - Russian
        "migrations": "# Moving on\n\nMigrations run before the deployment; a migrator reverts them.\n",
    }
    for slug, content in notes.items():
        knowledge.put(slug, content)
    return knowledge


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("NOTEWELL_DB", "settings"),
        ("what is NOTEWELL_DB for?", "settings"),
        ("sop-deploy", "sop-deploy"),
        ("sop deploy", "sop-deploy"),
        ("[[sop-deploy]]", "sop-deploy"),
        ("PR #123", "merged"),
        ("v2.3.0", "merged"),
        ("store/notewell_store/sqlite/search.py", "code"),
        ("notewell_store/sqlite", "code"),
        ("search.py", "code"),
        ("parseSections", "code"),
        ("parse sections", "code"),
        ("parse_sections", "code"),
        ("parsesections()", "code"),
        ("sqlite3.OperationalError: database is locked (5)", "errors"),
        ("OperationalError", "errors"),
        ("'database is locked'", "errors"),
        ("cafe", "cafe"),
        ("CAFÉ", "cafe"),
        ("cafe\u0301", "cafe"),
        ("creme brulee zurich", "cafe"),
        ("部署", "chinese"),
        ("如何部署服务", "chinese"),
        ("怎么重启服务器?", "chinese"),
        ("データベース", "japanese"),
        ("サーバーの再起動", "japanese"),
        ("데이터베이스", "korean"),
        ("서버 다시 시작", "korean"),
        ("лиса", "russian"),
        ("who reverts a migration?", "migrations"),
        ("why is the database locked when a writer waits", "errors"),
        ("the people's databases", "databases"),
    ],
)
def test_what_is_asked_for_comes_first(library: Knowledge, query: str, slug: str) -> None:
    assert library.found(query)[:1] == [slug]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("deplo*", {"sop-deploy", "mentions", "migrations"}),
        ("deploy*", {"sop-deploy", "mentions", "migrations"}),
        ("deployme*", {"migrations"}),
        ("migratio*", {"migrations"}),
        ("migrat*", {"migrations"}),
        ("migrato*", {"migrations"}),
        ("brul*", {"cafe"}),
        ("parseSec*", {"code"}),
        ("sop-dep*", {"sop-deploy", "mentions"}),
        ("zeb*", set()),
    ],
)
def test_a_beginning_finds_all_words_that_begin_so(library: Knowledge, query: str, slugs: set[str]) -> None:
    assert set(library.found(query)) == slugs


def test_quoted_words_stand_together_in_all_that_is_found(library: Knowledge) -> None:
    assert library.found('"database is locked"') == ["errors"]
    assert set(library.found('"is locked" coffee')) == {"errors", "locked"}
    assert library.found('"locked is"') == []
    assert set(library.found('"green button" "café serves"')) == {"cafe", "sop-deploy"}


def test_a_phrase_that_stands_nowhere_is_searched_by_its_words_where_others_are_asked_for(library: Knowledge) -> None:
    found = search(library, '"brulee of zurich" graphs')
    assert {hit.slug for hit in found.items} == {"cafe", "sop-deploy"}
    assert found.corrected == (Correction("brulee of zurich", "brulee zurich"),)


@pytest.mark.parametrize(
    ("query", "asked", "searched", "slug"),
    [
        ("mgirations", "mgirations", "migrations", "migrations"),
        ("how does the Databse wait?", "Databse", "database", "errors"),
        ("grahps", "grahps", "graphs", "sop-deploy"),
        ("what says BUTTTON_X?", "BUTTTON", "button", "sop-deploy"),
    ],
)
def test_a_mistyped_word_is_read_as_the_one_that_was_meant(
    library: Knowledge, query: str, asked: str, searched: str, slug: str
) -> None:
    found = search(library, query)
    assert found.corrected == (Correction(asked, searched),)
    assert slug in {hit.slug for hit in found.items}
    assert "**" in found.items[0].snippet


@pytest.mark.parametrize("query", ["migrations", "zebra", "v9.9.9", "qqqq", "kaffee", "12345", '"grahps"', "grahp*"])
def test_what_stands_somewhere_or_looks_like_nothing_is_not_corrected(library: Knowledge, query: str) -> None:
    assert search(library, query).corrected == ()


def test_a_word_that_a_filter_leaves_out_is_not_taken_for_a_mistake(library: Knowledge) -> None:
    library.put("tagged", "# Tagged\n\nThe graph of all.\n", tags=("x",))
    library.put("cars", "# Cars\n\nA giraph is nothing.\n")
    assert search(library, "giraph", tags=("x",)) == Found(0, ())


def test_a_former_name_finds_its_note_whatever_it_says_today(library: Knowledge) -> None:
    library.rename("cafe", "restaurant")
    library.rename("restaurant", "canteen")
    for query in ("cafe", "restaurant", "what is in [[restaurant]]"):
        assert "canteen" in library.found(query), query
    assert library.found("restaurant")[0] == "canteen"
    assert search(library, "restaurant").total == 1


def test_a_name_counts_within_a_filter_only(library: Knowledge) -> None:
    library.put("tagged", "# Tagged\n\nAs sop-deploy says.\n", tags=("x",))
    assert library.found("sop-deploy", tags=("x",)) == ["tagged"]


def test_a_tag_finds_its_notes(library: Knowledge) -> None:
    library.put("invoice", "# Invoice\n\nPaid in May.\n", tags=("story:billing",))
    assert library.found("billing") == ["invoice"]
    assert library.found("story:billing") == ["invoice"]


def test_a_title_that_is_asked_for_comes_before_a_text_that_speaks_of_it(knowledge: Knowledge) -> None:
    knowledge.put("talk", "# Talk\n\nThe release checklist! A release checklist is a checklist for a release.\n")
    knowledge.put("list", "# Release checklist\n\nTell everybody. " + "Do this and that. " * 30)
    assert knowledge.found("release checklist") == ["list", "talk"]


def test_words_that_stand_side_by_side_as_asked_count_more(knowledge: Knowledge) -> None:
    knowledge.put("apart", "# One\n\nThe keys are here. Signing is done there.\n")
    knowledge.put("beside", "# Two\n\nThe signing keys are here, it is done there.\n")
    assert knowledge.found("signing keys") == ["beside", "apart"]


def test_of_equal_notes_the_first_stands_before_its_copy(knowledge: Knowledge) -> None:
    for slug in ("first", "second", "third"):
        knowledge.put(slug, "The zebra crosses.\n", title="Same")
    assert knowledge.found("zebra") == ["first", "second", "third"]


def test_a_filter_narrows_what_a_question_finds(library: Knowledge) -> None:
    for number in range(400):
        library.put(f"many-{number}", f"# Many {number}\n\nThe locked door.\n", tags=("door",))
    found = search(library, "locked door number 7", tags=("door",))
    assert found.total == 400
    assert found.items[0].slug == "many-7"
    assert search(library, "locked", tags=("nothing",)) == Found(0, ())


def test_a_camel_case_name_that_stands_nowhere_is_searched_by_its_parts(library: Knowledge) -> None:
    found = search(library, "watchGraphsFast")
    assert found.corrected == (Correction("watchGraphsFast", "watch Graphs"),)
    assert [hit.slug for hit in found.items] == ["sop-deploy"]


def test_a_hit_on_a_heading_without_text_shows_what_stands_below_it(library: Knowledge) -> None:
    library.put("alert", "# QuotaLow\n\n## Meaning\n\nThe quota is used up.\n\n## Impact\n\n### Users\n\nThey wait.\n")
    (hit,) = search(library, "QuotaLow").items
    assert (hit.anchor, hit.snippet) == (None, "## Meaning The **quota** is used up. ## Impact ### Users They wait.")
    (hit,) = search(library, "impact").items
    assert (hit.anchor, hit.snippet) == ("impact", "### Users They wait.")


def test_of_a_very_long_phrase_the_beginning_is_looked_for(library: Knowledge) -> None:
    words = [f"word{number}" for number in range(1_000)]
    library.put("long", " ".join(words))
    assert library.found(f'"{" ".join(words)}"') == ["long"]
    assert library.found("/".join(words)) == ["long"]
    assert library.found('"' + "the of " * 500 + '"') == []


def test_a_store_with_common_words_only_is_searched_within_bounds(
    library: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "MOST_RANKED", 5)
    library.put("door", "# The door\n\nIt is green.\n")
    for number in range(20):
        library.put(f"many-{number}", f"# Many {number}\n\nThe green door is locked.\n\n## Else\n\nA green hat.\n")
    assert library.found("locked door number 7")[0] == "many-7"
    assert "door" in library.found("door")
    assert library.found("green door")[0].startswith(("many", "door"))
    found = search(library, "green")
    assert len(found.items) == found.total
    assert found.is_more
    assert len({hit.slug for hit in found.items}) == len(found.items)


def test_where_few_words_find_enough_the_others_tell_which_comes_first(
    library: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "MOST_FOUND_BY_FEW", 12)
    for number in range(12):
        library.put(f"zebra-{number}", f"# Zebra {number}\n\nIt stands {'on savannas' if number == 3 else 'still'}.\n")
    for number in range(30):
        library.put(f"savanna-{number}", f"# Savannas {number}\n\nOf grass.\n")
    found = search(library, "zebra savannas", limit=3)
    assert (found.items[0].slug, found.total) == ("zebra-3", 12)
    assert all(hit.slug.startswith("zebra") for hit in found.items)


def test_where_few_words_find_too_little_the_others_find_too(
    library: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "MOST_FOUND_BY_FEW", 12)
    library.put("zebra", "# Zebra\n\nIt stands.\n")
    for number in range(30):
        library.put(f"savanna-{number}", f"# Savannas {number}\n\nOf grass.\n")
    found = search(library, "zebra savannas", limit=3)
    assert (len(found.items), found.total) == (3, 31)


def test_where_few_words_find_too_little_what_holds_all_the_others_comes_next_however_old(
    library: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "MOST_FOUND_BY_FEW", 12)
    monkeypatch.setattr(candidates, "MOST_FILLED_UP", 4)
    library.put("lions", "# Lions\n\nThey hunt in tall grass.\n")
    for number in range(30):
        library.put(f"page-{number}", f"# Page {number}\n\nTo hunt is hard.\n\n## More\n\nOf tall grass.\n")
    library.put("zebra", "# Zebra\n\nIt stands.\n")
    assert library.found("zebra hunting grass")[:2] == ["zebra", "lions"]


def test_what_common_words_alone_find_is_filled_up_with_the_newest(
    library: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "MOST_FOUND_BY_FEW", 12)
    monkeypatch.setattr(candidates, "MOST_FILLED_UP", 4)
    monkeypatch.setattr(search_module, "DEEPER", 1)
    monkeypatch.setattr(search_module, "WEIGHED", 4)
    monkeypatch.setattr(search_module, "WEIGHED_FOR_EACH", 1)
    library.put("zebra", "# Zebra\n\nIt stands on grass.\n")
    for number in range(30):
        library.put(f"savanna-{number}", f"# Savannas {number}\n\nOf grass.\n")
    found = search(library, "zebra grass", limit=4)
    assert found.items[0].slug == "zebra"
    assert {hit.slug for hit in found.items[1:]} < {f"savanna-{number}" for number in range(26, 30)}
    assert (found.total, found.is_more) == (4, True)


def test_all_notes_that_were_looked_at_are_all_where_more_was_asked_for_than_fills_up(
    library: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "MOST_FOUND_BY_FEW", 12)
    monkeypatch.setattr(candidates, "MOST_FILLED_UP", 4)
    for number in range(10):
        library.put(f"page-{number}", f"# Page {number}\n\nReeds beside grass.\n")
    found = search(library, "reeds grass", limit=20)
    assert (len(found.items), found.total, found.is_more) == (10, 10, False)


@pytest.mark.parametrize("word", ["alpha", "gamma"])
def test_how_rare_a_word_is_in_hidden_notes_does_not_show_in_the_order(knowledge: Knowledge, word: str) -> None:
    for slug, text in (("first", "alpha beta"), ("other", "gamma beta")):
        knowledge.put(slug, f"{text}\n", title="Same", is_public=True)
    for number in range(30):
        knowledge.put(f"hidden-{number}", f"# Hidden {number}\n\nMuch of {word}.\n")
    with knowledge.store.seen_by(Visibility()).reading() as db:
        assert [hit.slug for hit in search_notes(db, "alpha gamma", Filter()).items] == ["first", "other"]


def test_a_word_of_hidden_notes_is_not_what_was_meant(knowledge: Knowledge) -> None:
    knowledge.put("open", "# Open\n\nThe quota of all.\n", is_public=True)
    knowledge.put("secret", "# Secret\n\nThe quokka and the quotas.\n")
    with knowledge.store.seen_by(Visibility()).reading() as db:
        assert search_notes(db, "quoka", Filter()) == Found(1, ANY, corrected=(Correction("quoka", "quota"),))
        assert search_notes(db, "quokkas", Filter()) == Found(0, ())


@pytest.mark.parametrize("form", ["{}", "{}*", '"{}"', "sha512-{}", '"digest {} of"'])
def test_a_word_of_more_letters_than_are_read_is_found_by_its_beginning(knowledge: Knowledge, form: str) -> None:
    digest = "c7be1ed902fb8dd4" * 8
    knowledge.put("image", f"# Image\n\nThe digest {digest} of it; sha512-{digest}.\n")
    knowledge.put("other", f"# Other\n\nThe digest {digest[:40]}.\n")
    assert search(knowledge, form.format(digest)).items[0].slug == "image"
