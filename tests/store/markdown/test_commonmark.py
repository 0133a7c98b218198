"""The page agrees with a CommonMark parser in headings, links, code and tables."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

TEXTS = [
    "# A `b`\n\nc\n===\n\n## d ##\n\n```py\n# no\n```\n\n    code\n\n- e\n\n  ### f\n",
    "The [`code`] and [`other`][] and [x][`code`].\n\n[`code`]: https://a.b/c\n[`other`]: d/e.md\n",
    "[RFC 1][]\n\n[RFC 1]: https://first.example\n[rfc 1]: https://second.example\n",
    "[a][b] [b][#b]\n\n[b]:\n  https://a.b/c\n[c]: d\n",
    '[a](b c) [d](<e f>) [g](h "i") [j]()\n',
    'this [one](x.md#y-"z") is',
    '[Backing up \\& restoring](x.md) \\~ \\: \\"\n',
    "| a | b |\n|---|:-:|\n| Map<int, [c](#d)> | `e` |\n| \\| | f\n",
    "`a  \nb` **[c](d)** ![e](f.png) <b title='g'>h</b>\n",
    "> # quoted\n\n1. a\n   ```\n   b\n   ```\n2. [c](d)\n",
    "[a] [b]\n\n[b]: c\n",
]


@pytest.fixture(scope="module")
def commonmark() -> ModuleType:
    found = importlib.util.spec_from_file_location("commonmark", Path(__file__).parents[3] / "bench" / "commonmark.py")
    assert found and found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize("text", TEXTS)
def test_a_page_shows_what_commonmark_shows(commonmark: ModuleType, text: str) -> None:
    ours, theirs = commonmark.Parsers().seen(text)
    assert ours == theirs


def test_the_report_names_pages_that_differ(commonmark: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Same\n")
    (tmp_path / "b.md").write_text("a[^1]\n\n[^1]: https\n")
    report = commonmark.Report()
    for name, markdown in commonmark.pages([tmp_path]):
        report.add(name, *commonmark.Parsers().seen(markdown))
    assert next(commonmark.written(report, 5)) == "2 pages"
    assert [(name, aspect) for name, aspect, *_ in report.differing] == [(f"{tmp_path.name}/b.md", "links")]
