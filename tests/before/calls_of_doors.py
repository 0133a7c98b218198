"""Calls through HTTP, the command line and MCP: what the doors add to the tools."""

from __future__ import annotations

from tests.before.asked import command, http, mcp

DIFF = """diff --git a/src/queue.py b/src/queue.py
--- a/src/queue.py
+++ b/src/queue.py
@@ -1,3 +1,3 @@ def undo_release():
-    old = 1
+    new = 1
"""
HTTP = (
    http("http: every header of an answer", "GET", "/notes/plan", every_header=True),
    http("http: health", "GET", "/healthz"),
    http("http: a public note without a token", "GET", "/notes/plan"),
    http("http: a private note without a token", "GET", "/notes/sop-deploy"),
    http("http: a list without a token", "GET", "/notes?limit=2"),
    http("http: a list with a token", "GET", "/notes?limit=2&sort=slug&tags=web", token="admin"),
    http("http: a list with a repeated argument", "GET", "/notes?tags=ops&tags=sop", token="reader"),
    http("http: a list of a narrow token", "GET", "/notes?sort=slug&limit=5", token="narrow"),
    http("http: a search", "GET", "/notes?q=queue&limit=2", token="reader"),
    http("http: a bad argument", "GET", "/notes?limit=0", token="reader"),
    http("http: an argument that there is not", "GET", "/notes?colour=red", token="reader"),
    http("http: a note that is not there", "GET", "/notes/plam", token="reader"),
    http("http: a note that is deleted", "GET", "/notes/nowhere", token="reader"),
    http("http: a head", "HEAD", "/notes/plan", token="reader"),
    http("http: a note that is known", "GET", "/notes/plan", token="reader", If_None_Match="*"),
    http("http: a note that was known", "GET", "/notes/page", token="reader", If_None_Match='"99"'),
    http("http: links", "GET", "/notes/plan/links", token="reader"),
    http("http: history", "GET", "/notes/plan/revisions?limit=1", token="reader"),
    http("http: a revision", "GET", "/notes/plan/revisions/1", token="reader"),
    http("http: a revision that is no number", "GET", "/notes/plan/revisions/x", token="reader"),
    http("http: tags", "GET", "/tags?prefix=s", token="reader"),
    http("http: projects", "GET", "/projects", token="reader"),
    http("http: notes of a project", "GET", "/projects/web/notes?limit=1", token="reader"),
    http("http: changes", "GET", "/changes?since=40&limit=2", token="reader"),
    http("http: changes since no number", "GET", "/changes?since=x", token="reader"),
    http("http: a path that there is not", "GET", "/nothing"),
    http("http: a method that there is not", "PATCH", "/notes/plan", {}, token="admin"),
    http("http: a token that is not known", "GET", "/notes/plan", token="unknown"),
    http("http: a new note without a token", "POST", "/notes", {"slug": "posted", "content": "# Posted\n"}),
    http(
        "http: a new note with a reader's token", "POST", "/notes", {"slug": "posted", "content": "x"}, token="reader"
    ),
    http("http: a new note", "POST", "/notes", {"slug": "posted", "content": "# Posted\n\n[[gone]]\n"}, token="admin"),
    http("http: a new note that is there", "POST", "/notes", {"slug": "posted", "content": "# P\n"}, token="admin"),
    http(
        "http: a new note of a narrow token", "POST", "/notes", {"slug": "narrow", "content": "# N\n"}, token="narrow"
    ),
    http(
        "http: a change outside a narrow token's project",
        "POST",
        "/notes/sop-deploy/edits",
        {"mode": "append", "new_text": "x"},
        token="narrow",
    ),
    http(
        "http: a new note with a key",
        "POST",
        "/notes",
        {"slug": "once", "content": "# Once\n"},
        token="admin",
        Idempotency_Key="h1",
    ),
    http(
        "http: the same with the same key",
        "POST",
        "/notes",
        {"slug": "once", "content": "# Once\n"},
        token="admin",
        Idempotency_Key="h1",
    ),
    http("http: a body that is no json", "POST", "/notes", "{", token="admin"),
    http("http: a body that is no object", "POST", "/notes", [1], token="admin"),
    http("http: a body of another kind", "POST", "/notes", "x", token="admin", Content_Type="text/plain"),
    http("http: a put that makes", "PUT", "/notes/put", {"content": "# Put\n"}, token="admin"),
    http("http: a put without a condition", "PUT", "/notes/put", {"content": "# Put it\n"}, token="admin"),
    http("http: a put with a condition", "PUT", "/notes/put", {"content": "# Put it\n"}, token="admin", If_Match='"1"'),
    http(
        "http: a put with a condition that is past",
        "PUT",
        "/notes/put",
        {"content": "# Put this\n"},
        token="admin",
        If_Match='"1"',
    ),
    http("http: a put with a condition that is none", "PUT", "/notes/put", {"title": "x"}, token="admin", If_Match="x"),
    http(
        "http: a put that overwrites knowingly", "PUT", "/notes/put", {"title": "Put down"}, token="admin", If_Match="*"
    ),
    http("http: a put only if there is none", "PUT", "/notes/put", {"title": "x"}, token="admin", If_None_Match="*"),
    http(
        "http: a put of what is not there, with a condition",
        "PUT",
        "/notes/put2",
        {"content": "x"},
        token="admin",
        If_Match="*",
    ),
    http("http: a put with the slug in the body", "PUT", "/notes/put", {"slug": "x"}, token="admin", If_Match="*"),
    http(
        "http: an edit",
        "POST",
        "/notes/put/edits",
        {"mode": "append", "new_text": "More."},
        token="admin",
        If_Match='"3"',
    ),
    http(
        "http: an edit of a section that is not there",
        "POST",
        "/notes/put/edits",
        {"mode": "append", "new_text": "x", "anchor": "no"},
        token="admin",
    ),
    http("http: set links", "PUT", "/notes/put/links", {"targets": ["plan"], "relation": "blocks"}, token="admin"),
    http(
        "http: set links with a condition that is past",
        "PUT",
        "/notes/put/links",
        {"targets": []},
        token="admin",
        If_Match='"1"',
    ),
    http("http: delete with a condition that is past", "DELETE", "/notes/put", token="admin", If_Match='"1"'),
    http("http: delete", "DELETE", "/notes/put?reason=over", token="admin"),
    http("http: a new project", "POST", "/projects", {"slug": "mobile"}, token="admin"),
    http("http: a new project that is there", "POST", "/projects", {"slug": "mobile"}, token="admin"),
    http("http: a new project that is there, without a token", "POST", "/projects", {"slug": "mobile"}),
    http("http: a new project that is there and seen, without a token", "POST", "/projects", {"slug": "web"}),
    http("http: a foreign origin", "GET", "/notes/plan", Origin="http://example.org"),
    http("http: an edit without a token, of no json", "POST", "/notes/plan/edits", "{"),
    http("http: a project that is changed", "PUT", "/projects/mobile", {"name": "Mobile"}, token="admin"),
)

FACTS = '{"hook_event_name": "SessionStart", "source": "startup", "cwd": "<folder>/web"}'
PAGES = {
    "pages/index.md": "---\ntitle: The guide\ntags: [guide]\n---\n# The guide\n\nSee [start](start.md) and [[plan]].\n",
    "pages/start.md": "# Start\n\nBack to [the guide](index.md#top).\n",
}
COMMANDS = (
    command("command: the version", "--version"),
    command("command: a note", "get-note", "plan#vision"),
    command("command: a list as json", "list-notes", "--tags", "sop,active", "--json"),
    command("command: a search", "search-notes", "roll out", "--limit", "1"),
    command("command: an unknown note", "get-note", "plam"),
    command("command: an unknown command", "get-notes"),
    command("command: an unknown option", "get-note", "plan", "--vieww", "toc"),
    command("command: a choice that there is not", "get-note", "plan", "--view", "pdf"),
    command("command: a note from standard input", "upsert-note", "piped", given="# Piped\n\n[[plan]] and [[plam]]\n"),
    command("command: replace without having read", "upsert-note", "piped", "--content", "# Other\n"),
    command(
        "command: an edit from a file",
        "edit-note",
        "piped",
        "--mode",
        "append",
        "--new-text-file",
        "more.md",
        files={"more.md": "More.\n"},
    ),
    command("command: a link to nothing", "link-notes", "piped", "later"),
    command("command: a brief", "brief", "--project", "web", "--max-chars", "1500"),
    command("command: a dry run of an import", "import", "pages", "--project", "web", "--dry-run", files=PAGES),
    command("command: an import", "import", "pages", "--project", "web", "--reason", "the guide"),
    command("command: an import again, as json", "import", "pages", "--project", "web", "--json"),
    command("command: an import of nothing", "import", "no-such-folder"),
    command(
        "command: check a file",
        "check",
        "new.md",
        files={"new.md": "See [[plan]], [[plam]] and [x](pages/start.md).\n"},
    ),
    command("command: check all", "check", "--json"),
    command("command: what a change touches", "impact", "--diff", "-", given=DIFF),
    command("command: a search explained", "search", "roll out", "--limit", "1", "--explain"),
    command("command: the hook", "hook", "session-start", given=FACTS),
    command("command: the hook with bad facts", "hook", "session-start", given="no json"),
    command("command: an export", "export", "exported"),
    command("command: verify", "verify"),
    command("command: revoke a token that is not there", "token", "revoke", "nobody"),
    command("command: all tokens", "token", "list"),
)

MCP = (
    mcp("mcp: prompts", "list_prompts"),
    mcp("mcp: a prompt of a plan", "get_prompt", name="plan", arguments={"project": "web", "goal": "faster"}),
    mcp("mcp: a prompt of a decision", "get_prompt", name="decide", arguments={"question": "how long is a queue"}),
    mcp("mcp: a prompt of a review", "get_prompt", name="review", arguments={"ref": "plan"}),
    mcp(
        "mcp: a prompt of what was learned",
        "get_prompt",
        name="capture",
        arguments={"learning": "queues grow at night"},
    ),
    mcp("mcp: a prompt without what it needs", "get_prompt", name="decide", arguments={}),
    mcp("mcp: a prompt that there is not", "get_prompt", name="plna", arguments={}),
    mcp("mcp: resources", "list_resources"),
    mcp("mcp: a note as a resource", "read_resource", uri="note://plan#vision"),
    mcp("mcp: a brief as a resource", "read_resource", uri="brief://web"),
    mcp("mcp: a resource that is not there", "read_resource", uri="note://plam"),
    mcp("mcp: a tool", "call_tool", name="get_note", arguments={"ref": "plan#vision"}),
    mcp("mcp: a write", "call_tool", name="upsert_note", arguments={"slug": "by-mcp", "content": "# By MCP\n"}),
    mcp("mcp: who wrote", "call_tool", name="revisions", arguments={"ref": "by-mcp", "format": "json"}),
    mcp("mcp: a tool that refuses", "call_tool", name="get_note", arguments={"ref": "plam"}),
    mcp("mcp: a tool that there is not", "call_tool", name="get_notes", arguments={}),
)
