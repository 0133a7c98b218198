"""What is started by who needs a local model and finds nobody that serves it: `FOLDER LOCK`."""

import os
import sys
from pathlib import Path

from notewell_store.meaning.embedder import Unreachable
from notewell_store.meaning.local.files import model_files
from notewell_store.meaning.local.meeting import meeting_of


def main(folder: str, lock: int) -> None:
    if os.fork():
        os._exit(0)  # who started it waits for this, and is not its parent
    os.set_inheritable(lock, False)
    files = model_files(folder)
    from notewell_store.meaning.local.serving import serve  # in the process that stays

    try:
        serve(files, meeting_of(files), lock)
    except (Unreachable, OSError):
        sys.exit(1)  # the meeting has been told why


if __name__ == "__main__":
    main(str(Path(sys.argv[1])), int(sys.argv[2]))
