"""What check_refs and `notewell check` both say of the references that were checked."""

from typing import Any

from notewell_store.checking.checked import Checked
from notewell_tools.answers import counted
from notewell_tools.definition import Data


def existing(bad: int) -> str:
    """How many references do not exist."""
    return f"{bad:,} {'does' if bad == 1 else 'do'} not exist" if bad else "all exist"


def scope(searched: Data) -> str:
    """What was searched, without which `does not exist` says nothing."""
    return f"searched {counted(searched['notes'], 'note')}, up to change {searched['seq']:,}"


def ref_data(checked: Checked) -> Data:
    """A reference in the fields of the answer, less those that say nothing of it."""
    always = ("ref", "kind", "state", "slug", "id", "title", "created_at")
    data: dict[str, Any] = {name: getattr(checked, name) for name in always}
    told = {name: getattr(checked, name) for name in ("anchor", "revision", "remark")}
    data |= {name: value for name, value in told.items() if value is not None}
    return data | {"nearest": list(checked.nearest), "lines": list(checked.lines)}
