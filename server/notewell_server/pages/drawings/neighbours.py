"""The local picture of a note: who links to it, itself, and what it links to, side by side."""

from typing import NamedTuple

WIDTH = 960
BOX_WIDTH, BOX_HEIGHT = 270, 44
STEP = 54
"""From one box to the next below it."""
MOST = 14
"""Boxes of one side."""
MIDDLE = (WIDTH - BOX_WIDTH) // 2


class Neighbour(NamedTuple):
    """A note that is linked with the one in the middle; `under` is said below its title."""

    slug: str
    title: str
    under: str


class Box(NamedTuple):
    neighbour: Neighbour
    x: int
    y: int
    path: str
    """From it to the note in the middle, or back."""


class Picture(NamedTuple):
    height: int
    middle: tuple[int, int]
    boxes: list[Box]


def neighbour(slug: str, title: str | None, note_type: str | None, relation: str) -> Neighbour:
    """Of a link's end; relations that say no more than a link are left out."""
    said = (note_type, "" if relation in ("mentions", "embeds") else relation)
    return Neighbour(slug, title or slug, " · ".join(word for word in said if word))


def picture_of(incoming: list[Neighbour], outgoing: list[Neighbour]) -> Picture:
    left, right = incoming[:MOST], outgoing[:MOST]
    rows = max(len(left), len(right), 1)
    height = (rows - 1) * STEP + BOX_HEIGHT + 4
    centre = height // 2
    boxes = [*_column(left, 2, height, centre, is_left=True)]
    boxes += _column(right, WIDTH - BOX_WIDTH - 2, height, centre, is_left=False)
    return Picture(height, (MIDDLE, centre - BOX_HEIGHT // 2), boxes)


def _column(side: list[Neighbour], x: int, height: int, centre: int, *, is_left: bool) -> list[Box]:
    top = (height - ((len(side) - 1) * STEP + BOX_HEIGHT)) // 2
    boxes = []
    for index, one in enumerate(side):
        y = top + index * STEP
        at = y + BOX_HEIGHT // 2
        start, end = ((x + BOX_WIDTH, at), (MIDDLE, centre)) if is_left else ((MIDDLE + BOX_WIDTH, centre), (x, at))
        half = (start[0] + end[0]) // 2
        path = f"M{start[0]} {start[1]} C{half} {start[1]} {half} {end[1]} {end[0] - 7} {end[1]}"
        boxes.append(Box(one, x, y, path))
    return boxes
