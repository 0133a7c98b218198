-- What a reader may see, by the tables' own names, in a schema that stands before `main` on the path of who is limited:
-- see visibility in contract.py. `notewell.project` names the project that is seen whole, '' none.
--
-- Rows that are not visible are out of every list, count and join; a reference from a visible row to one that is not
-- reads as NULL. A revision is visible if its note is, and was then.

CREATE SCHEMA seen;

CREATE FUNCTION seen.own() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT id FROM main.projects WHERE slug = current_setting('notewell.project', TRUE)
$$;

CREATE VIEW seen.notes AS
  SELECT id, slug, title, note_type, status, project_id, tags,
    (SELECT above.id FROM main.notes above WHERE above.id = note.parent_id
       AND (above.is_public AND NOT above.deleted OR above.project_id = (SELECT seen.own()))) AS parent_id,
    position, is_public, deleted, chars, revision, seq, created_at, updated_at, actor, revised_by
  FROM main.notes note WHERE is_public AND NOT deleted OR project_id = (SELECT seen.own());

CREATE VIEW seen.projects AS
  SELECT * FROM main.projects t WHERE slug = current_setting('notewell.project', TRUE) OR EXISTS
    (SELECT 1 FROM main.notes n WHERE n.project_id = t.id AND n.is_public AND NOT n.deleted);

CREATE VIEW seen.project_changes AS
  SELECT * FROM main.project_changes t WHERE EXISTS (SELECT 1 FROM seen.projects seen WHERE seen.id = t.project_id);

CREATE VIEW seen.project_aliases AS
  SELECT * FROM main.project_aliases t WHERE EXISTS (SELECT 1 FROM seen.projects seen WHERE seen.id = t.project_id);

CREATE FUNCTION seen.was(metadata text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(CAST(CAST(metadata AS json) ->> 'is_public' AS boolean), FALSE) OR coalesce(
    CAST(metadata AS json) ->> 'project' IN (
      SELECT current_setting('notewell.project', TRUE)
      UNION ALL SELECT slug FROM main.project_aliases WHERE project_id = (SELECT seen.own())), FALSE)
$$;

CREATE VIEW seen.revisions AS
  SELECT * FROM main.revisions t WHERE EXISTS (SELECT 1 FROM seen.notes seen WHERE seen.id = t.note_id) AND
    (SELECT seen.was(kept.metadata) FROM main.revisions kept WHERE kept.note_id = t.note_id
       AND kept.revision <= t.revision AND kept.metadata IS NOT NULL ORDER BY kept.revision DESC LIMIT 1);

CREATE VIEW seen.aliases AS
  SELECT * FROM main.aliases t WHERE EXISTS (SELECT 1 FROM seen.notes seen WHERE seen.id = t.note_id) AND (
    EXISTS (SELECT 1 FROM seen.revisions named
      WHERE named.note_id = t.note_id AND CAST(named.metadata AS json) ->> 'slug' = t.slug)
    OR (SELECT count(*) FROM main.revisions every WHERE every.note_id = t.note_id)
      = (SELECT count(*) FROM seen.revisions shown WHERE shown.note_id = t.note_id));

CREATE VIEW seen.links AS
  SELECT id, source_id, relation, target, anchor, name, key, form,
    (SELECT seen.id FROM seen.notes seen WHERE seen.id = t.target_id) AS target_id
  FROM main.links t WHERE EXISTS (SELECT 1 FROM seen.notes seen WHERE seen.id = t.source_id);

CREATE VIEW seen.redactions AS
  SELECT * FROM main.redactions t WHERE EXISTS
    (SELECT 1 FROM seen.revisions seen WHERE seen.note_id = t.note_id AND seen.revision = t.revision);

CREATE VIEW seen.receipts AS
  SELECT * FROM main.receipts WHERE split_part(key, '/', 1) = current_setting('notewell.project', TRUE)
    AND key LIKE '%/%' AND current_setting('notewell.project', TRUE) != '';

CREATE VIEW seen.texts AS
  SELECT * FROM main.texts t WHERE EXISTS (SELECT 1 FROM seen.notes seen WHERE seen.id = t.note_id);

CREATE VIEW seen.labels AS
  SELECT * FROM main.labels t WHERE EXISTS (SELECT 1 FROM seen.notes seen WHERE seen.id = t.note_id);

CREATE VIEW seen.names AS
  SELECT * FROM main.names t WHERE EXISTS (SELECT 1 FROM seen.notes seen WHERE seen.id = t.note_id);

CREATE VIEW seen.sections AS
  SELECT * FROM main.sections t WHERE EXISTS (SELECT 1 FROM seen.notes seen WHERE seen.id = t.note_id);

CREATE VIEW seen.passages AS
  SELECT * FROM main.passages t WHERE EXISTS (SELECT 1 FROM seen.notes seen WHERE seen.id = t.note_id);

CREATE VIEW seen.origins AS
  SELECT * FROM main.origins t WHERE EXISTS (SELECT 1 FROM seen.notes seen WHERE seen.id = t.note_id);

CREATE VIEW seen.stale AS
  SELECT * FROM main.stale t WHERE EXISTS (SELECT 1 FROM seen.notes seen WHERE seen.id = t.note_id);

CREATE VIEW seen.sources AS
  SELECT * FROM main.sources t WHERE EXISTS (SELECT 1 FROM seen.origins seen WHERE seen.source_id = t.id);

CREATE VIEW seen.tokens AS SELECT * FROM main.tokens WHERE FALSE;

CREATE VIEW seen.lost_changes AS SELECT * FROM main.lost_changes WHERE FALSE;
