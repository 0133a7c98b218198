"""What a reader may see: views that stand before the tables, so that no query can forget to look away.

A connection that is limited has temporary views under the tables' names, and SQLite looks among those first. A
query of any module then finds what is visible and nothing else. Rows that are not visible are out of every list,
count and join; a reference from a visible row to one that is not reads as NULL. What must look behind a view (a
text is made from differences, some of which are hidden) says `main.` before the table, and answers for it.
"""

from notewell_store.contract import Visibility
from notewell_store.engines.sqlite.connection import Connection
from notewell_store.tables.changes import MISSING


def limit(db: Connection, visibility: Visibility) -> None:
    """Let this connection see no more than that, until `unlimit`."""
    version = _version(db)
    views = _views(visibility, NO_NAME if version <= LAST_WITHOUT_REDACTIONS else FORMER_NAMES)
    for name, query in (views | _older(version, views)).items():
        db.execute(f"CREATE TEMP VIEW {name} AS {query}")
    db.is_limited = True


def show_as_today(db: Connection) -> None:
    """Let a store of an older version, which may not be changed, be read like one of today."""
    whole = {
        "links": f"SELECT id, source_id, relation, target, anchor, {LINKED_BY}, target_id FROM main.links",
        "projects": "SELECT * FROM main.projects t",
        "project_changes": "SELECT * FROM main.project_changes t",
        "revisions": "SELECT * FROM main.revisions t",
    }
    for name, query in (_older(_version(db), whole) | {"lost_changes": MISSING}).items():
        db.execute(f"CREATE TEMP VIEW {name} AS {query}")


LINKED_BY = "name, key, form"


def _version(db: Connection) -> int:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)


def _older(version: int, views: dict[str, str]) -> dict[str, str]:
    """Views of what that version did not keep, before the tables that it had: by what links are written, by what notes
    are found, what became of projects and revisions, by which door these came, how many are
    lost, and what passages mean."""
    shown: dict[str, str] = {}
    if version <= LAST_WITHOUT_MEANINGS:
        shown |= {table: f"SELECT {columns} WHERE FALSE" for table, columns in MEANINGS.items()}
    if version <= LAST_WITHOUT_LOST_CHANGES:
        shown["lost_changes"] = "SELECT 0 AS up_to, 0 AS changes WHERE FALSE"
    if version <= LAST_WITHOUT_DOORS:
        shown["revisions"] = views["revisions"].replace("*", "*, NULL AS door, NULL AS client", 1)
    if version <= LAST_WITHOUT_REDACTIONS:
        shown |= {
            "projects": views["projects"].replace("*", "*, 0 AS deleted", 1),
            "project_changes": views["project_changes"].replace("*", "*, NULL AS slug, 0 AS deleted", 1),
            "project_aliases": "SELECT '' AS slug, 0 AS project_id WHERE FALSE",
            "redactions": f"SELECT {', '.join(f'0 AS {column}' for column in REDACTIONS)} WHERE FALSE",
        }
    if version <= LAST_WITHOUT_NAMES:
        shown["links"] = views["links"].replace(LINKED_BY, "NULL AS name, NULL AS key, 'name' AS form")
        shown["names"] = "SELECT '' AS key, 0 AS way, 0 AS note_id WHERE FALSE"
    return shown


LAST_WITHOUT_NAMES, LAST_WITHOUT_REDACTIONS, LAST_WITHOUT_DOORS, LAST_WITHOUT_LOST_CHANGES = 3, 4, 5, 6  # of the schema
LAST_WITHOUT_MEANINGS = 7
MEANINGS = {
    "spaces": "0 AS id, '' AS name, 0 AS dimensions",
    "meanings": "0 AS id, 0 AS space_id, x'' AS digest, x'' AS vectors",
    "meant": "0 AS id, 0 AS passage_id, 0 AS space_id, x'' AS digest, 0 AS meaning_id, x'' AS signature",
    "filling": "0 AS id, '' AS holder, '' AS until",
}
"""Tables of what passages mean, and their columns."""
REDACTIONS = ("note_id", "revision", "redacted_at", "actor", "reason", "erased")


def unlimit(db: Connection) -> None:
    for name in _views(Visibility()):
        db.execute(f"DROP VIEW temp.{name}")
    db.is_limited = False


NO_NAME = "SELECT NULL WHERE FALSE"
FORMER_NAMES = """SELECT a.slug FROM main.project_aliases a JOIN main.projects p ON p.id = a.project_id
  WHERE p.slug = {project}"""


def _views(visibility: Visibility, former_names: str = NO_NAME) -> dict[str, str]:
    """The query that stands before each table; `former_names` asks what the reader's project was called before.

    A revision is visible if its note is, and was then: what a note said while it was private stays private, and so
    do the names that it had only then.
    """
    project = _quoted(visibility.project)
    own = f"project_id = (SELECT id FROM main.projects WHERE slug = {project})" if visibility.project else "FALSE"
    then = "json_extract(kept.metadata, '$.is_public')"
    if visibility.project:
        then = f"""({then} OR json_extract(kept.metadata, '$.project') IN
          (SELECT {project} UNION ALL {former_names.format(project=project)}))"""
    seen = "EXISTS (SELECT 1 FROM temp.notes seen WHERE seen.id = t.note_id)"
    return {
        "notes": f"""SELECT id, slug, title, note_type, status, project_id, tags,
            (SELECT above.id FROM main.notes above
              WHERE above.id = note.parent_id AND {_of("above", own)}) AS parent_id, position,
            is_public, deleted, chars, revision, seq, created_at, updated_at, actor, revised_by
          FROM main.notes note WHERE {_of("note", own)}""",
        "projects": f"""SELECT * FROM main.projects t WHERE slug IS {project} OR EXISTS
          (SELECT 1 FROM main.notes n WHERE n.project_id = t.id AND n.is_public AND NOT n.deleted)""",
        "project_changes": """SELECT * FROM main.project_changes t WHERE EXISTS
          (SELECT 1 FROM temp.projects seen WHERE seen.id = t.project_id)""",
        "revisions": f"""SELECT * FROM main.revisions t WHERE {seen} AND
          (SELECT {then} FROM main.revisions kept WHERE kept.note_id = t.note_id AND kept.revision <= t.revision
             AND kept.metadata IS NOT NULL ORDER BY kept.revision DESC LIMIT 1)""",
        "aliases": f"""SELECT * FROM main.aliases t WHERE {seen} AND (
          EXISTS (SELECT 1 FROM temp.revisions named
            WHERE named.note_id = t.note_id AND json_extract(named.metadata, '$.slug') = t.slug)
          OR (SELECT count(*) FROM main.revisions every WHERE every.note_id = t.note_id)
            = (SELECT count(*) FROM temp.revisions shown WHERE shown.note_id = t.note_id))""",
        "links": f"""SELECT id, source_id, relation, target, anchor, {LINKED_BY},
            (SELECT seen.id FROM temp.notes seen WHERE seen.id = t.target_id) AS target_id
          FROM main.links t WHERE EXISTS (SELECT 1 FROM temp.notes seen WHERE seen.id = t.source_id)""",
        "project_aliases": """SELECT * FROM main.project_aliases t WHERE EXISTS
          (SELECT 1 FROM temp.projects seen WHERE seen.id = t.project_id)""",
        "redactions": """SELECT * FROM main.redactions t WHERE EXISTS
          (SELECT 1 FROM temp.revisions seen WHERE seen.note_id = t.note_id AND seen.revision = t.revision)""",
        "receipts": f"SELECT * FROM main.receipts WHERE substr(key, 1, instr(key, '/')) = {project} || '/'",
        "sources": """SELECT * FROM main.sources t WHERE EXISTS
          (SELECT 1 FROM temp.origins seen WHERE seen.source_id = t.id)""",
        "tokens": "SELECT * FROM main.tokens WHERE FALSE",
        "lost_changes": "SELECT * FROM main.lost_changes WHERE FALSE",
        "spaces": "SELECT * FROM main.spaces",
        "meanings": "SELECT * FROM main.meanings WHERE FALSE",  # of which passage they are, `meant` says
        "meant": """SELECT * FROM main.meant t WHERE EXISTS
          (SELECT 1 FROM temp.passages seen WHERE seen.id = t.passage_id)""",
        "filling": "SELECT * FROM main.filling WHERE FALSE",
        **{
            table: f"SELECT * FROM main.{table} t WHERE {seen}"
            for table in ("texts", "labels", "sections", "passages", "origins", "stale", "names")
        },
    }


def _of(note: str, own: str) -> str:
    condition = f"{note}.is_public AND NOT {note}.deleted"
    return condition if own == "FALSE" else f"({condition} OR {note}.{own})"


def _quoted(text: str | None) -> str:
    """A value in a view, which takes no parameters."""
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"
