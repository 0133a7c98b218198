"""Settings, read once where a process starts: from flags first, then from the environment, then from the project file
of the folder that it works in."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from notewell_server.offering import Offer
    from notewell_store.files.project_file import ProjectFile
    from notewell_store.meaning.choosing import Wanted
    from notewell_store.meaning.embedder import Embedder

PROJECT_FILE = ".notewell.toml"


class Settings(NamedTuple):  # a dataclass would cost each session's hook an eighth of what it may take
    """`database` is the store's address. `actor` is None where the environment names none: a door then takes its
    client's or the user's name. `by_file` names what of the first two the project file decided."""

    database: str
    project: str | None
    actor: str | None
    file: Path | None = None
    by_file: tuple[str, ...] = ()
    tools: "Offer" = "all"
    reads: bool = True
    """Whether it is kept what is read."""


class SettingError(Exception):
    """A setting is not what anybody can have meant."""


def read_settings(
    database: str | None = None, project: str | None = None, actor: str | None = None, *, folder: str | None = None
) -> Settings:
    """Flags win over NOTEWELL_DB, NOTEWELL_PROJECT and NOTEWELL_ACTOR, and those over the project file of `folder`, by
    default the session's; empty is as good as absent. Raises SettingError."""
    named = _expanded("NOTEWELL_DB", database or os.environ.get("NOTEWELL_DB"))
    home = _expanded("NOTEWELL_PROJECT", project or os.environ.get("NOTEWELL_PROJECT"))
    by = _expanded("NOTEWELL_ACTOR", actor or os.environ.get("NOTEWELL_ACTOR"))
    address = _address(named) if named else None
    file = None if address and home else project_file(folder or session_folder())
    if file is None:
        return Settings(address or str(default_store()), home, by, tools=_tools(), reads=_reads())
    return _with_file(file, address, home, by)


def _tools() -> "Offer":
    sent = os.environ.get("NOTEWELL_TOOLS") or "all"
    if sent == "core":
        return "core"
    if sent == "all":
        return "all"
    raise SettingError(f"NOTEWELL_TOOLS is {sent[:200]!r}: it may be all or core")


def _reads() -> bool:
    sent = os.environ.get("NOTEWELL_READS") or "on"
    if sent in ("on", "off"):
        return sent == "on"
    raise SettingError(f"NOTEWELL_READS is {sent[:200]!r}: it may be on or off")


def _with_file(file: Path, address: str | None, home: str | None, by: str | None) -> Settings:
    from notewell_store.files.project_file import store_at

    said = read_project_file(file)
    try:
        store = store_at(file, said.store, data_folder()) if said.store and not address else None
    except (OSError, RuntimeError, ValueError) as error:
        raise SettingError(f"{file}: {error}") from None
    decided = tuple(name for name, told in (("store", store), ("project", said.project and not home)) if told)
    return Settings(
        address or str(store or default_store()), home or said.project, by, file, decided, _tools(), _reads()
    )


def read_project_file(file: Path) -> "ProjectFile":
    """What it says. Raises SettingError where it cannot be read: whoever goes on without it writes elsewhere."""
    from notewell_store.files.project_file import read

    try:
        return read(file)
    except (OSError, ValueError) as error:
        raise SettingError(f"{file} cannot be heeded: {error}") from None


def project_file(folder: str) -> Path | None:
    """The project file of a folder: its own, else the nearest above it. One that is another user's counts for nothing,
    for whoever may write into a folder above, such as /tmp, would choose the store."""
    return next((Path(file) for file, facts in project_files(folder) if is_own(facts)), None)


def project_files(folder: str) -> "Iterator[tuple[str, os.stat_result]]":
    """All that there are, the nearest first. A `Path` for each folder would cost the hook more than the look."""
    place = os.path.abspath(folder)  # noqa: PTH100
    while True:
        file = os.path.join(place, PROJECT_FILE)  # noqa: PTH118
        with suppress(OSError):
            yield file, os.stat(file)  # noqa: PTH116
        above = os.path.dirname(place)  # noqa: PTH120
        if above == place:
            return
        place = above


def is_own(facts: os.stat_result) -> bool:
    return sys.platform == "win32" or facts.st_uid == os.geteuid()


def session_folder() -> str:
    """The folder that the process works in; a session's host may name its own."""
    return os.environ.get("CLAUDE_PROJECT_DIR") or "."


def _expanded(name: str, value: str | None) -> str | None:
    """The value of a setting; a `${…}` in it, or a `$NAME` at its beginning, is a variable that the host had no value
    for, and would name a file."""
    if value and ("${" in value or value.startswith("$")):
        raise SettingError(f"{name} is {value[:200]!r}: its host did not expand it. Set that variable, or take it out.")
    return value or None


def _address(named: str) -> str:
    """A path as the user's shell would have it; a URL without its password, which goes where PostgreSQL's own programs
    look for it, and workers inherit it: no message can then tell it."""
    if "://" not in named:
        return str(Path(named).expanduser())
    from notewell_store.opening import without_password

    address, password = without_password(named)
    if password is not None:
        os.environ["PGPASSWORD"] = password
    return address


def beside(address: str) -> Path:
    """By whose name files are called that stand beside a store: the store's own file; for one on a server a name in the
    user's data folder, which is made for it, of this machine alone."""
    if "://" not in address:
        return Path(address)
    import zlib  # the hook has no use for it

    place = address.partition("?")[0].rpartition("/")[2]
    name = "".join(letter if letter.isalnum() else "-" for letter in place)[:40] or "store"
    folder = data_folder() / "servers"
    with suppress(OSError):  # whoever lays something there is told
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{name}-{zlib.crc32(address.encode()):08x}"


def default_store() -> Path:
    return data_folder() / "notewell.db"


def data_folder() -> Path:
    """The user's data folder, as each system has it."""
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/notewell"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "notewell"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "notewell"


def issue_tokens() -> str:
    """Tokens for reading issues, `host=token` with spaces between."""
    return os.environ.get("NOTEWELL_ISSUES_TOKEN", "")


def embedding() -> "Wanted | None":
    """Which embedder tells what texts mean, where one is named: by default there is none, which costs nothing. Raises
    SettingError, in which no key stands."""
    where = _unquoted("NOTEWELL_EMBED", os.environ.get("NOTEWELL_EMBED"))
    if where in (None, "none"):
        return None
    from notewell_store.meaning.choosing import Key, Wanted

    key = _unquoted("NOTEWELL_EMBED_KEY", os.environ.get("NOTEWELL_EMBED_KEY"))
    return Wanted(
        where,
        _expanded("NOTEWELL_EMBED_MODEL", os.environ.get("NOTEWELL_EMBED_MODEL")),
        _dimensions(os.environ.get("NOTEWELL_EMBED_DIMENSIONS") or None),
        Key(key) if key else None,
        _expanded("NOTEWELL_EMBED_KEY_FILE", os.environ.get("NOTEWELL_EMBED_KEY_FILE")),
        _remote(os.environ.get("NOTEWELL_EMBED_REMOTE") or None),
    )


def chosen_embedder() -> "Embedder | None":
    """The embedder that the settings name, to be kept for as long as a store is open. Raises SettingError."""
    wanted = embedding()
    if wanted is None:
        return None
    from notewell_store.meaning.choosing import choose

    return choose(wanted)


def _unquoted(name: str, value: str | None) -> str | None:
    """As _expanded, of a setting that may hold a secret."""
    if value and "${" in value:
        raise SettingError(f"{name} holds a ${{…}}: its host did not expand it. Set that variable, or take it out.")
    return value or None


def _dimensions(sent: str | None) -> int | None:
    if sent is None:
        return None
    if sent.isascii() and sent.isdecimal() and len(sent) < 5 and 8 <= int(sent) <= 8192:
        return int(sent)
    raise SettingError(f"NOTEWELL_EMBED_DIMENSIONS is {sent[:200]!r}: it may be a number from 8 to 8192")


def _remote(sent: str | None) -> "Literal['public', 'all'] | None":
    if sent is None:
        return None
    if sent == "public":
        return "public"
    if sent == "all":
        return "all"
    raise SettingError(f"NOTEWELL_EMBED_REMOTE is {sent[:200]!r}: it may be public or all")


def system_user() -> str:
    import getpass  # the hook has no use for it

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"
