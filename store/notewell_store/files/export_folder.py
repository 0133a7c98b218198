"""The folder of an export: what stands in it, and what of that is the export's own.

Only what has a sum that an export wrote down is replaced or removed, or what reads just as it would be written. The
sums of files to come are written down before the first of them is, beside those of what stands there: whenever an
export is killed, the next knows all that it left.
"""

import hashlib
import json
import os
import stat
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from notewell_store.files.folder import MARKER, Told, read_marker

PART = f"{MARKER}.part"
FOREIGN = "no regular file"  # in the place of a sum, and equal to none
BLOCK = 1 << 20
_NOTHING: Mapping[str, str] = MappingProxyType({})


class ExportFolder:
    """`private`: folders and the marker are readable by their owner only, for they tell of notes that are private."""

    def __init__(self, root: Path, *, private: bool, names: Mapping[str, str] | None = None) -> None:
        """`names` are the true paths of files that cannot be written under them."""
        self.root = root
        self._names = names or {}
        self._private = private
        self._known = read_marker(root).known

    def is_ours(self, path: str, coming: str | None = None) -> bool:
        """Whether nothing stands there, or what an export wrote, or what is `coming` anyway."""
        standing = self._sum_of(path)
        return standing is None or standing == coming or standing in self._known.get(path, ())

    def left(self, paths: Collection[str]) -> list[str]:
        """What an earlier export wrote beside these, and is still as it was."""
        return [path for path in sorted(self._known) if path not in paths and self._stands(path)]

    def edited(self, coming: Mapping[str, str]) -> list[str]:
        """What an earlier export wrote, and is neither as it was nor as it is to be."""
        return [path for path in sorted(self._known) if not self.is_ours(path, coming.get(path))]

    def in_the_way(self, coming: Mapping[str, str]) -> list[str]:
        """Files that no export wrote, where others are to be written."""
        return [path for path in sorted(coming.keys() - self._known.keys()) if not self.is_ours(path, coming[path])]

    def mark(
        self,
        sums: Mapping[str, str],
        sources: Collection[str],
        coming: Mapping[str, str] = _NOTHING,
        told: Mapping[str, Told] = MappingProxyType({}),
    ) -> None:
        """Write down what stands here, what is coming, and what is told of the notes."""
        kept: dict[str, object] = {
            "made by": "notewell export",
            "sources": sorted(sources),
            "files": [*sorted(sums.keys() | coming.keys()), MARKER],
            "sums": dict(sorted(sums.items())),
        }
        if self._names:
            kept["names"] = dict(sorted(self._names.items()))
        if coming:
            kept["coming"] = dict(sorted(coming.items()))
        if told:
            kept["told"] = dict(sorted(told.items()))
        self._put(
            self.root / MARKER,
            (json.dumps(kept, indent=1, ensure_ascii=False) + "\n").encode(),
            public=not self._private,
        )

    def standing(self) -> dict[str, str]:
        """The sums of the files of ours as they are now."""
        return {path: digest for path in self._known if (digest := self._sum_of(path)) in self._known[path] and digest}

    def write(self, path: str, data: bytes, *, public: bool, overwrite: bool) -> None:
        """Write a file whole or not at all. Raises OSError, also where another file came to stand there meanwhile."""
        file = self._below(path)
        if not overwrite and not self.is_ours(path, sum_of(data)):
            raise OSError(0, "the file was edited while the export ran", str(file))
        for folder in reversed(file.relative_to(self.root).parents[:-1]):
            with suppress(FileExistsError):
                (self.root / folder).mkdir(mode=0o700 if self._private else 0o755)
        self._put(file, data, public=public)

    def remove(self, path: str) -> bool:
        """Remove a file of the earlier export, and the folders that it leaves empty."""
        try:
            if not self._stands(path):
                return False
            file = self._below(path)
            file.unlink()
        except OSError:
            return False
        with suppress(OSError):
            for folder in file.relative_to(self.root).parents[:-1]:
                (self.root / folder).rmdir()
        return True

    def _stands(self, path: str) -> bool:
        return self._sum_of(path) in self._known.get(path, ())

    def _sum_of(self, path: str) -> str | None:
        """The SHA-256 of the file; None where nothing bears the name."""
        try:
            file = self._below(path)
            if not stat.S_ISREG(file.lstat().st_mode):
                return FOREIGN
            digest = hashlib.sha256()
            with file.open("rb") as opened:
                while block := opened.read(BLOCK):
                    digest.update(block)
            return digest.hexdigest()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            return FOREIGN

    def _below(self, path: str) -> Path:
        """Raises OSError where a link, or the path itself, leads elsewhere."""
        file = self.root / path
        if PurePosixPath(path).is_absolute() or ".." in file.parts or os.path.realpath(file.parent) != str(file.parent):
            raise OSError(0, "a symbolic link leads out of the folder", str(file.parent))
        return file

    def _put(self, file: Path, data: bytes, *, public: bool) -> None:
        part = self.root / PART
        try:
            part.unlink(missing_ok=True)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644 if public else 0o600)
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(data)
            part.replace(file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
