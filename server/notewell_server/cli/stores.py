"""`notewell stores`: which stores there are for whoever works in this folder, and which of them is used."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from notewell_server.cli.output import show, show_json
from notewell_server.hook.session_stores import store_of_hook, store_of_server
from notewell_server.settings import (
    SettingError,
    Settings,
    data_folder,
    default_store,
    project_file,
    read_project_file,
    session_folder,
)
from notewell_store import StoreError
from notewell_store.files.project_file import store_at
from notewell_store.integrity.figures import count_notes
from notewell_store.opening import read_once, without_password
from notewell_store.safe_text import as_field
from notewell_tools.answers import byte_size, counted


class Known(NamedTuple):
    """A store, and how it is known. `bytes` is None where there is no file, `notes` where it cannot be read, and then
    `fault` says why."""

    address: str
    known_by: tuple[str, ...]
    is_used: bool
    bytes: int | None
    notes: int | None
    fault: str = ""


@click.command("stores")
@click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")
@click.pass_obj
def stores_command(settings: Settings, /, as_json: bool) -> None:
    """Say which stores there are, where, how large, and which of them is used here.

    Those of the settings, of the project file, of the host's files in this folder, and those in your data folder. Each
    is only looked at.
    """
    used = _absolute(settings.database)
    found: dict[str, list[str]] = {used: []}
    for address, name in _named(Path(session_folder()).absolute()):
        found.setdefault(address, []).append(name)
    stores = [_looked_at(address, tuple(names) or ("--db",), address == used) for address, names in found.items()]
    if as_json:
        show_json({"stores": [store._asdict() for store in stores]})
    else:
        show("\n".join(map(_line, stores)))


def _absolute(address: str) -> str:
    return without_password(address)[0] if "://" in address else str(Path(address).expanduser().absolute())


def _named(folder: Path) -> Iterator[tuple[str, str]]:
    named = os.environ.get("NOTEWELL_DB")
    if named:
        yield _absolute(named), "NOTEWELL_DB"
    yield from _of_project_file(folder)
    usual = _absolute(named or str(default_store()))
    for place, address in ((".mcp.json", store_of_server(folder, usual)), ("the hook", store_of_hook(folder, usual))):
        if address is not None and address != usual:
            yield address, place
    yield str(default_store()), "default"
    for file in sorted(data_folder().glob("*.db")):
        if file != default_store():
            yield str(file), "in the data folder"


def _of_project_file(folder: Path) -> Iterator[tuple[str, str]]:
    file = project_file(str(folder))
    if file is None:
        return
    try:
        named = read_project_file(file).store
        if named:
            yield str(store_at(file, named, data_folder())), str(file)
    except (SettingError, ValueError):
        return  # whichever command needs it says so


def _looked_at(address: str, names: tuple[str, ...], is_used: bool) -> Known:
    file = Path(address)
    if "://" not in address and not file.exists():
        return Known(address, names, is_used, None, None, "not made yet")
    size = None if "://" in address else file.stat().st_size
    try:
        with read_once(address) as db:
            return Known(address, names, is_used, size, count_notes(db))
    except StoreError as error:
        return Known(address, names, is_used, size, None, str(error).removeprefix(f"{address} "))


def _line(store: Known) -> str:
    facts = [store.fault] if store.notes is None else [counted(store.notes, "note"), byte_size(store.bytes or 0)]
    fields = [store.address, *facts, ", ".join(store.known_by)]
    return f"{'*' if store.is_used else ' '} {' · '.join(map(as_field, fields))}"
