"""Libraries that are preloaded into a server, to stand between it and the system; the machine's compiler makes them."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).with_name("shims")


class Missing(Exception):
    """This machine lacks what an attack needs; the words say what."""


def preload(name: str, folder: Path) -> dict[str, str]:
    """The environment of a server that runs with the shim of that name. Raises Missing."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or platform.libc_ver()[0] != "glibc":
        raise Missing("a library can be preloaded as this needs it on Linux with glibc only")
    if compiler is None:
        raise Missing("there is no C compiler (cc) to make the library that is preloaded")
    library = folder / f"{name}.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-o", library, SOURCES / f"{name}.c", "-ldl"], check=True
    )
    return {"LD_PRELOAD": str(library)}
