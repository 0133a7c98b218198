"""What imports cost: of a history, of 6,000 pages in one project, of 5,000 to 20,000 files in one folder.

python bench/importing.py [REPOSITORY]

Without a repository one is made, as large as a handbook of a company: 300 pages of 6 KB, 6,000 changes. Each import is
a process of its own, and its time that of its processors, git's with it; so is what it held at most.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from notewell_store import open_store
from notewell_store.files.importing import import_folder, import_git
from notewell_store.files.summary import ImportOptions
from sample_notes import paragraph, words

PAGES = 300
COMMITS = 6_000
PROJECT = 6_000
FLAT = (5_000, 10_000, 20_000)


def main() -> None:
    if sys.argv[1:2] == ["--import"]:
        print(imported(sys.argv[2], Path(sys.argv[3])))
        return
    with tempfile.TemporaryDirectory(prefix="notewell-bench-") as folder:
        at = Path(folder)
        repository = Path(sys.argv[1]) if sys.argv[1:] else made_history(at / "history")
        told("history", apart("git", repository))
        told("pages in folders, one project", apart("project", made_tree(at / "tree")))
        for count in FLAT:
            told("files in one folder", apart("folder", made_flat(at / f"flat-{count}", count)))


def told(what: str, figures: str) -> None:
    revisions, seconds, clock, megabytes = map(float, figures.split())
    each = f"{revisions / seconds:,.0f} a second, {1000 * seconds / revisions:.1f} ms each"
    total = f"{revisions:,.0f} revisions in {seconds:.1f} s, {clock:.1f} s by the clock"
    print(f"{what}: {total}; {each}; at most {megabytes:.0f} MB", flush=True)


def apart(kind: str, source: Path) -> str:
    """The figures of an import in a process of its own."""
    return subprocess.run(
        [sys.executable, __file__, "--import", kind, str(source)], check=True, capture_output=True, text=True
    ).stdout


def imported(kind: str, source: Path) -> str:
    with tempfile.TemporaryDirectory(prefix="notewell-bench-") as folder:
        store = open_store(Path(folder) / "notewell.db")
        began = time.perf_counter()
        take = import_git if kind == "git" else import_folder
        done = take(store, source, ImportOptions(project="bench" if kind == "project" else None))
        store.close()
        clock = time.perf_counter() - began
    own, git = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    seconds = own.ru_utime + own.ru_stime + git.ru_utime + git.ru_stime
    return f"{done.revisions} {seconds} {clock} {own.ru_maxrss / 1024}"


def page(slugs: list[str], dice: Random, sections: int) -> str:
    parts = [f"## Step {number}\n\n{paragraph(slugs, dice)}" for number in range(1, sections + 1)]
    return "\n".join([f"# {words(3, dice).capitalize()}\n\n{paragraph(slugs, dice)}", *parts])


def made_tree(folder: Path) -> Path:
    """Pages of 2 KB, a hundred in each of sixty folders."""
    dice = Random(1)
    paths = [f"area-{number // 1000}/part-{number // 100}/page-{number}" for number in range(PROJECT)]
    for path in paths:
        file = folder / f"{path}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page(paths, dice, 4), "utf-8")
    return folder


def made_flat(folder: Path, count: int) -> Path:
    """Pages of 1 KB."""
    dice = Random(count)
    names = [f"page-{number}" for number in range(count)]
    folder.mkdir()
    for name in names:
        (folder / f"{name}.md").write_text(page(names, dice, 1), "utf-8")
    return folder


def made_history(folder: Path) -> Path:
    """A repository in which each commit changes a section of a page; every tenth moves one, every fiftieth deletes one
    and brings another."""
    dice = Random(7)
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(folder)], check=True)
    paths = [f"area-{number % 12}/page-{number}.md" for number in range(PAGES)]
    slugs = [path.removesuffix(".md") for path in paths]
    texts = {path: page(slugs, dice, 12) for path in paths}
    lines = [commit(0, [written(path, text) for path, text in texts.items()])]
    for number in range(1, COMMITS):
        path = dice.choice(list(texts))
        if number % 50 == 0:
            new = f"area-{dice.randrange(12)}/new-{number}.md"
            del texts[path]
            texts[new] = page(slugs, dice, 12)
            changes = [f"D {path}\n".encode(), written(new, texts[new])]
        elif number % 10 == 0:
            new = f"area-{dice.randrange(12)}/moved-{number}.md"
            texts[new] = texts.pop(path)
            changes = [f"R {path} {new}\n".encode()]
        else:
            parts = texts[path].split("\n\n")
            parts[dice.randrange(1, len(parts))] = paragraph(slugs, dice).strip()
            texts[path] = "\n\n".join(parts)
            changes = [written(path, texts[path])]
        lines.append(commit(number, changes))
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input=b"".join(lines), check=True)
    return folder


def commit(number: int, changes: list[bytes]) -> bytes:
    subject = f"Change {number} (#{number})".encode()
    when = 1_600_000_000 + 3_600 * number
    head = f"commit refs/heads/main\ncommitter Ann <ann@example.org> {when} +0000\ndata {len(subject)}\n".encode()
    return head + subject + b"\n" + b"".join(changes)


def written(path: str, text: str) -> bytes:
    data = text.encode()
    return f"M 644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"


if __name__ == "__main__":
    main()
