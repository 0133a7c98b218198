"""What check_refs and `notewell check` both say of the references that were checked."""

from notewell_store.checking.checked import Checked
from notewell_store.checking.checked import Searched as StoredSearched
from notewell_tools.answers import counted
from notewell_tools.results import CheckedReference, ReferenceDetails, Searched


def existing(bad: int, total: int) -> str:
    """How many of the references do not exist."""
    if not total:
        return "nothing to check"
    return f"{bad:,} {'does' if bad == 1 else 'do'} not exist" if bad else "all exist"


def scope(searched: Searched) -> str:
    """What was searched, without which `does not exist` says nothing."""
    return f"searched {counted(searched['notes'], 'note')}, up to change {searched['seq']:,}"


def searched_data(searched: StoredSearched) -> Searched:
    return {"notes": searched.notes, "seq": searched.seq}


def ref_data(checked: Checked) -> CheckedReference:
    """A reference in the fields of the answer, less those that say nothing of it."""
    return {
        "ref": checked.ref,
        "kind": checked.kind,
        "state": checked.state,
        "slug": checked.slug,
        "id": checked.id,
        "title": checked.title,
        "created_at": checked.created_at,
        **_details(checked),
        "nearest": list(checked.nearest),
        "lines": list(checked.lines),
    }


def _details(checked: Checked) -> ReferenceDetails:
    details: ReferenceDetails = {}
    if checked.anchor is not None:
        details["anchor"] = checked.anchor
    if checked.revision is not None:
        details["revision"] = checked.revision
    if checked.remark is not None:
        details["remark"] = checked.remark
    return details
