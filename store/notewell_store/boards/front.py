"""What a page's front matter says, nested lists and mappings too. Words are taken as they are written."""

import json
import tomllib
from typing import Any

from notewell_store.markdown.front_matter import begins_with_key, front_block

DEEPEST = 6  # mappings and lists inside one another
MOST_VALUES = 2_000


def read_front(text: str) -> dict[str, Any]:
    """Empty where there is none. Raises ValueError for what cannot be read, with words that quote nothing."""
    block = front_block(text)
    if block is None or not begins_with_key(block):
        return {}
    language = str(block.lastgroup)
    try:
        said = _yaml(block["yaml"]) if language == "yaml" else _others(block[language], language)
    except (ValueError, RecursionError):
        raise ValueError(f"its front matter cannot be read as {language.upper()}") from None
    if not isinstance(said, dict):
        raise ValueError("its front matter is no mapping")
    return said


def _others(text: str, language: str) -> Any:
    return tomllib.loads(text) if language == "toml" else json.loads(f"{{{text}}}")


def _yaml(text: str) -> Any:
    """By the parser's events, without references, which would unfold to gigabytes."""
    import yaml  # which only a page with front matter needs

    root: list[Any] = []
    open_values: list[list[Any]] = [root]
    try:
        for number, event in enumerate(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))):
            if number > MOST_VALUES or len(open_values) > DEEPEST or isinstance(event, yaml.AliasEvent):
                raise ValueError("too much, too deep, or a reference")
            if isinstance(event, yaml.CollectionStartEvent):
                open_values.append([])
            elif isinstance(event, yaml.CollectionEndEvent):
                held = open_values.pop()
                is_mapping = isinstance(event, yaml.MappingEndEvent)
                open_values[-1].append(_mapping(held) if is_mapping else held)
            elif isinstance(event, yaml.ScalarEvent):
                open_values[-1].append(event.value)
    except yaml.YAMLError as error:
        raise ValueError("no YAML") from error
    return root[0] if len(root) == 1 else None


def _mapping(held: list[Any]) -> dict[str, Any]:
    return {key: value for key, value in zip(held[::2], held[1::2], strict=True) if isinstance(key, str)}
