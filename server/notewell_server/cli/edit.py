"""`notewell edit`: a note in the user's own editor. What was typed is never lost: it stands in a file of its own until
it is saved, and stays there when it cannot be."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

import click

from notewell_server.cli import complete_notes
from notewell_server.cli.output import agreed, edited, remark, show
from notewell_server.cli.store import store_call
from notewell_server.cli.wording import as_commands
from notewell_server.hook.memory import folder_of
from notewell_server.settings import Settings
from notewell_store.errors import NextCall
from notewell_store.markdown.merging import has_marks
from notewell_tools.edit_by_hand import Opened, Overlap, open_note, save_text


@click.command("edit")
@click.argument("slug", shell_complete=complete_notes, help="The note: its slug, an alias, an id, its path or title.")
@click.option("--reason", help="Why, for the history.")
@click.option("--revised-by", help="On whose account: the URL of a pull request, a commit, any text.")
@click.pass_obj
def edit_command(settings: Settings, /, slug: str, reason: str | None, revised_by: str | None) -> None:
    """Edit a note in your own editor: the one in VISUAL, else in EDITOR.

    Text that is left as it was writes nothing. What others changed meanwhile is merged. Where they changed the same
    lines nothing is written: what they did is shown, and your text is kept in a file, as it is whenever it cannot be
    saved.
    """
    with store_call(settings, create=False) as call:
        before = note = open_note(call, slug)
    with _kept_until_saved(note) as file:
        while True:
            text = _from_editor(file)
            if note is before and text in (before.text, f"{before.text}\n" if before.text[-1:] != "\n" else None):
                show(f"{before.slug}@{before.revision} stays as it is")
                return
            _refuse_unfinished(note.slug, text)
            try:
                with store_call(settings, create=False) as call:
                    show(save_text(call, note, text, reason, revised_by))
                return
            except Overlap as overlap:
                note = _settling(overlap, note, file)


@contextmanager
def _kept_until_saved(note: Opened) -> Iterator[Path]:
    """The file that is edited. It goes when its text was saved, or is that of the note."""
    place = folder_of("edits")
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(prefix=f"{note.slug[:80]}@{note.revision}-", dir=place))
    file = folder / f"{note.slug}.md"
    file.touch(mode=0o600)
    file.write_bytes(note.text.encode())
    try:
        yield file
    except BaseException:
        if _holds_more(folder, file, note):
            remark(f"Your text is kept in {file}")
        else:
            rmtree(folder)
        raise
    rmtree(folder)


def _holds_more(folder: Path, file: Path, note: Opened) -> bool:
    """Whether anything was typed, be it in a file that an editor left beside the text when it was killed."""
    return [*folder.iterdir()] != [file] or file.read_bytes() != note.text.encode()


def _from_editor(file: Path) -> str:
    edited(file)
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise click.ClickException(f"the text is not UTF-8 (byte {error.start}): nothing was written") from None


def _refuse_unfinished(slug: str, text: str) -> None:
    if not text.strip():
        delete = as_commands(NextCall("delete_note", {"ref": slug}))
        raise click.ClickException(f"the text is empty: nothing was written. {delete} deletes the note")
    if has_marks(text):
        raise click.ClickException("the text still has the marked lines of a conflict: nothing was written")


def _settling(overlap: Overlap, note: Opened, file: Path) -> Opened:
    """Show what others did; the note as it stands now, if the person goes on with both texts in the file."""
    newest = overlap.newest
    both = file.with_name(f"{newest.slug}.both.md")
    both.touch(mode=0o600)
    both.write_bytes(overlap.both.encode())
    by = ", ".join(dict.fromkeys(change.actor for change in overlap.conflict.changes))
    remark(f"{note.slug} was changed in the same lines while you edited it, by {by}. Nothing was written.")
    remark(overlap.conflict.diff.rstrip())
    if not agreed("Edit again, with both texts marked?"):
        sent = {"slug": newest.slug, "content_file": str(both), "if_revision": newest.revision}
        raise click.ClickException(
            f"both texts stand in {both}: settle them, then {as_commands(NextCall('upsert_note', sent))}"
        )
    file.write_bytes(overlap.both.encode())
    return newest
