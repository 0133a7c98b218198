-- Revisions are appended and nothing else, whoever asks. A redaction alone, in its own transaction, may rewrite them:
-- see rewriting.py. Those who serve have no right to either (deploy/postgres/roles.sql).

CREATE FUNCTION main.keep_revisions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('notewell.rewriting', TRUE) = 'on' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'revisions are never changed' USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER revisions_are_kept BEFORE UPDATE OR DELETE ON main.revisions
  FOR EACH ROW EXECUTE FUNCTION main.keep_revisions();

CREATE TRIGGER revisions_stay BEFORE TRUNCATE ON main.revisions
  FOR EACH STATEMENT EXECUTE FUNCTION main.keep_revisions();
