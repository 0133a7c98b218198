"""Where an answer of today is meant to be another than that of version b1b7103.

From the name of a call to the reason and the new answer, which `python -m tests.before.record --show NAME` prints.
"""

from __future__ import annotations

_KINDS = "A note is found by what its words mean as well, a runbook as an SOP: so it is counted."

DIFFERENCES: dict[str, tuple[str, list[str]]] = {
    "all tags": (
        _KINDS,
        [
            "21 tags, most used first",
            "web 8, active 2, ops 2, plan 2, sop 2, story:queue 2, template 2, todo 2, accepted 1, architecture 1, "
            "decision 1, done 1, in-progress 1, night 1, open 1, project 1, review 1, runbook 1, strict 1, x 1, y 1",
        ],
    ),
    "all tags, as json": (
        _KINDS,
        [
            "json:",
            "{",
            '  "total": 21',
            '  "tags": [',
            '    {"tag": "web", "notes": 8}',
            '    {"tag": "active", "notes": 2}',
            '    {"tag": "ops", "notes": 2}',
            '    {"tag": "plan", "notes": 2}',
            '    {"tag": "sop", "notes": 2}',
            '    {"tag": "story:queue", "notes": 2}',
            '    {"tag": "template", "notes": 2}',
            '    {"tag": "todo", "notes": 2}',
            '    {"tag": "accepted", "notes": 1}',
            '    {"tag": "architecture", "notes": 1}',
            '    {"tag": "decision", "notes": 1}',
            '    {"tag": "done", "notes": 1}',
            '    {"tag": "in-progress", "notes": 1}',
            '    {"tag": "night", "notes": 1}',
            '    {"tag": "open", "notes": 1}',
            '    {"tag": "project", "notes": 1}',
            '    {"tag": "review", "notes": 1}',
            '    {"tag": "runbook", "notes": 1}',
            '    {"tag": "strict", "notes": 1}',
            '    {"tag": "x", "notes": 1}',
            '    {"tag": "y", "notes": 1}',
            "  ]",
            "}",
        ],
    ),
    "http: tags": (
        _KINDS,
        [
            "status 200",
            "cache-control: no-store",
            "content-type: application/json",
            "vary: Authorization",
            "vary: Authorization, Origin",
            "",
            "compact json:",
            "{",
            '  "total": 3',
            '  "tags": [{"tag": "sop", "notes": 2}, {"tag": "story:queue", "notes": 2}, {"tag": "strict", "notes": 1}]',
            "}",
        ],
    ),
}
