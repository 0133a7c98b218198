"""What docs/connecting.md shows is what happens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "connecting.md").read_text()
BIN = Path(sys.executable).parent


def test_the_script_on_the_page_prints_what_the_page_shows(tmp_path: Path) -> None:
    (script,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    command, shown = re.findall(r'^\$ python ask\.py "(.*?)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL)[0]
    environment = os.environ | {
        "NOTEWELL_DB": str(tmp_path / "notewell.db"),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }
    (tmp_path / "ask.py").write_text(script)
    for words in (["notewell", "import", str(ROOT / "examples")], [sys.executable, "ask.py", command]):
        done = subprocess.run(
            words, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
        )
    today, page = done.stdout.partition("\n\n")[::2]
    assert today.startswith("sop-rollback@1#roll-back-across-a-migration · Roll back a service · ")
    assert page.rstrip() == shown.partition("\n\n")[2].rstrip()
