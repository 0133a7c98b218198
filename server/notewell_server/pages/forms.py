"""What a browser's form sends, and what it makes of a text on the way, undone."""

import re
from collections import Counter
from http import HTTPStatus
from urllib.parse import parse_qs

from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request

from notewell_store.markdown.diffs import opcodes

MOST_FIELDS = 10_000
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_END = re.compile(r"\r\n?|\n")


async def fields_of(request: Request) -> dict[str, str]:
    """Of a form; the last of several of one name. Raises HTTPException."""
    return await run_sync(_read, await request.body())


def _read(body: bytes) -> dict[str, str]:
    try:
        sent = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from error
    return {name: values[-1] for name, values in sent.items()}


def number_of(sent: str) -> int | None:
    """None for what is no number, or larger than any of ours."""
    return int(sent) if sent.isdecimal() and len(sent) < 10 else None


def with_line_feeds(sent: str) -> str:
    """A text of a form, whose lines come with CR LF whatever they ended with."""
    return _END.sub("\n", sent)


def with_ends_of(before: str, typed: str) -> str:
    """What was typed, with the line ends that the text had `before`: a line that stayed has its own, a new one that of
    most others."""
    lines = _LINE.findall(before)
    bare, new = [_END.sub("\n", line) for line in lines], _LINE.findall(with_line_feeds(typed))
    usual = _usual_end(lines)
    made: list[str] = []
    for tag, a, b, c, d in opcodes(bare, new):
        made += lines[a:b] if tag == "equal" else [line.replace("\n", usual) for line in new[c:d]]
    return "".join(made)


def _usual_end(lines: list[str]) -> str:
    ends = Counter(end[0] for line in lines if (end := _END.search(line)))
    return ends.most_common(1)[0][0] if ends else "\n"
