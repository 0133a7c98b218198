"""What the hook at a prompt tells: how often a right note, and how often nothing where the store knows nothing.

    python bench/prompts.py --passages FOLDER
    python bench/prompts.py --passages FOLDER --unrelated my_prompts.txt --cost

`--passages` takes a folder of `notes.jsonl` (slug, title, markdown) and `questions.jsonl` (question, relevant: slugs);
`--unrelated` a file with a prompt on each line that these notes do not answer. The bounds in search/standing_out were
chosen on the questions with even numbers: those with odd ones are the test. `--cost` tells the processor time of a
whole hook, with the store that was made.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from statistics import mean, median

from hook import HOOK, run
from notewell_store import Store
from notewell_store.search.standing_out import standing_out
from retrieval import passages, questions_of
from retrieval_queries import Query
from stdio_client import compile_sources, environment, show

MOST = 3
UNRELATED = Path(__file__).with_name("prompts_unrelated.txt")


def told(store: Store, prompt: str) -> set[str]:
    with store.reading() as db:
        return {hit.slug for hit in standing_out(db, prompt, MOST)}


def share(found: list[bool]) -> str:
    return f"{mean(found):.3f}" if found else "-"


def row_of(store: Store, name: str, queries: list[Query]) -> list[str]:
    answers = [(told(store, query.words), query.wanted) for query in queries]
    right = [bool(slugs & wanted) for slugs, wanted in answers]
    return [name, str(len(queries)), share(right), share([not slugs for slugs, _ in answers])]


def cost_of(store: Store, prompts: list[str]) -> str:
    """Each prompt in a session of its own."""
    compile_sources()
    command = [*HOOK[:-1], "user-prompt-submit"]
    with tempfile.TemporaryDirectory() as state:
        variables = {**environment(Path(store.address)), "XDG_STATE_HOME": state}
        given = [json.dumps({"session_id": str(at), "prompt": words}).encode() for at, words in enumerate(prompts)]
        seconds = sorted(run(command, variables, one).cpu for one in given)
    return f"processor time of a hook, ms: median {median(seconds) * 1e3:.0f}, most {seconds[-1] * 1e3:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description="What the hook at a prompt tells")
    parser.add_argument("--passages", type=Path, required=True, metavar="FOLDER", help="notes and questions")
    parser.add_argument("--unrelated", type=Path, default=UNRELATED, help="prompts, one a line (%(default)s)")
    parser.add_argument("--cost", action="store_true", help="start the hook, and measure it")
    options = parser.parse_args()
    questions = questions_of(options.passages)
    prompts = [line for line in options.unrelated.read_text(encoding="utf-8").splitlines() if line.strip()]
    with passages(options.passages) as store:
        rows = [
            row_of(store, "questions, even (chosen on)", questions[::2]),
            row_of(store, "questions, odd (test)", questions[1::2]),
            row_of(store, "unrelated", [Query("unrelated", prompt, frozenset()) for prompt in prompts]),
        ]
        show(["prompts", "count", "right note told", "silent"], rows)
        if options.cost:
            print(cost_of(store, [*(query.words for query in questions[1:42:2]), *prompts[:20]]))


if __name__ == "__main__":
    main()
