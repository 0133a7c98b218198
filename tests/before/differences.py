"""Where an answer of today is meant to be another than that of version b1b7103.

From the name of a call to the reason and the new answer, which `python -m tests.before.record --show NAME` prints.
"""

from __future__ import annotations

DIFFERENCES: dict[str, tuple[str, list[str]]] = {
    "http: a new project that is there and seen, without a token": (
        "Rights come before the condition: who is not known no longer learns that there is such a "
        "project (409 before).",
        [
            "status 401",
            "cache-control: no-cache",
            "content-type: application/problem+json",
            "vary: Authorization, Origin",
            'www-authenticate: Bearer realm="notewell", '
            'resource_metadata="http://127.0.0.1:<port>/.well-known/oauth-protected-resource/mcp"',
            "",
            "ascii json:",
            "{",
            '  "type": "about:blank"',
            '  "title": "Unauthorized"',
            '  "status": 401',
            '  "detail": "This call of projects needs a token with the scope admin: send '
            "`Authorization: Bearer …`; who keeps the store makes one with `notewell token create`. Nothing "
            'was written."',
            "}",
        ],
    ),
    "http: an edit without a token, of no json": (
        "Rights come before the body: an edit without a token is unauthorized, as every other write is (400 before).",
        [
            "status 401",
            "cache-control: no-cache",
            "content-type: application/problem+json",
            "vary: Authorization, Origin",
            'www-authenticate: Bearer realm="notewell", '
            'resource_metadata="http://127.0.0.1:<port>/.well-known/oauth-protected-resource/mcp"',
            "",
            "ascii json:",
            "{",
            '  "type": "about:blank"',
            '  "title": "Unauthorized"',
            '  "status": 401',
            '  "detail": "This call of edit_note needs a token with the scope write: send '
            "`Authorization: Bearer …`; who keeps the store makes one with `notewell token create`. Nothing "
            'was written."',
            "}",
        ],
    ),
}
