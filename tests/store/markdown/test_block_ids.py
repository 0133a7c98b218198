"""Blocks by their ids: what each stands for, wherever the id stands."""

from __future__ import annotations

import pytest

from notewell_store import NotFound
from notewell_store.markdown.block_ids import block_ids, pick_block

TEXT = """\
# Page

One line
and another ^para

## Lists

- outer ^item
  - inner

  more of it
- next ^last

| a | b |
|---|---|
| 1 | 2 |

^table

> quoted
> words

^quote

## Named ^head

below

```
no block ^code
```
"""


@pytest.mark.parametrize(
    ("name", "block", "heading"),
    [
        ("para", "One line\nand another ^para\n", "Page"),
        ("PARA", "One line\nand another ^para\n", "Page"),
        ("item", "- outer ^item\n  - inner\n", "Lists"),
        ("last", "- next ^last\n", "Lists"),
        ("table", "| a | b |\n|---|---|\n| 1 | 2 |\n", "Lists"),
        ("quote", "> quoted\n> words\n", "Lists"),
        ("head", TEXT[TEXT.index("## Named") :], "Named ^head"),
    ],
)
def test_a_block_is_found_by_its_id(name: str, block: str, heading: str) -> None:
    found = pick_block(TEXT, f"^{name}", "page")
    assert (TEXT[found.start : found.end], found.heading) == (block, heading)


def test_code_has_no_ids_and_what_is_missing_names_the_nearest() -> None:
    assert list(block_ids(TEXT)) == ["^para", "^item", "^last", "^table", "^quote", "^head"]
    with pytest.raises(NotFound) as raised:
        pick_block(TEXT, "^tabel", "page")
    assert (raised.value.within, raised.value.nearest) == ("page", ("^table",))


@pytest.mark.parametrize("text", ["^alone", "- ^item", "x ^a\n- y", "^a\n\n^b"])
def test_an_id_with_nothing_before_it_is_a_block_itself(text: str) -> None:
    name = next(block_ids(text))
    found = pick_block(text, name, "page")
    assert name in text[found.start : found.end]
