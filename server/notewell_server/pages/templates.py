"""The templates of the pages: Jinja2, strict about what is not there, and compiled once."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from notewell_server.pages import marks
from notewell_server.pages.links import board_path, note_path
from notewell_store.vocabulary import standing
from notewell_tools.answers import byte_size

FOLDER = Path(__file__).parent / "templates"


class _Environment(Environment):
    def getattr(self, obj: Any, attribute: str) -> Any:
        """Most of what templates are given is a dict. To look for an attribute first, and fail, took a tenth of a
        page's time."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


class Templates:
    """Safe to share between threads. `address` tells where a static file is."""

    def __init__(self, address: Callable[[str], str]) -> None:
        self.environment = _Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,  # looking at the files again took four fifths of a page's time
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals |= {
            "static": address,
            "who_of": marks.who,
            "sign_of": marks.sign_of,
            "freshness": marks.freshness,
            "standing": standing,
        }
        self.environment.filters |= {
            "ago": marks.ago,
            "moment": marks.moment,
            "account": marks.account,
            "did": marks.did,
            "kinds": marks.kinds,
            "size": marks.size,
            "room": byte_size,
            "pieces": marks.pieces,
            "board_path": board_path,
            "note_path": note_path,
            "clean": Markup,
        }

    def render(self, template: str, facts: Mapping[str, Any]) -> str:
        return self.environment.get_template(template).render(facts)
