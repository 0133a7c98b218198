-- The users of a Notewell database. As a superuser, once, and again after `notewell migrate` took a step:
--
--   createdb --encoding=UTF8 --template=template0 notewell
--   psql -d notewell -f roles.sql              # makes the users
--   notewell --db postgresql://nw_migrator@HOST/notewell migrate
--   psql -d notewell -f roles.sql              # gives the rights on what there is now
--
-- nw_migrator  owns the schemas; for `notewell migrate` and `notewell redact` alone
-- nw_app       for servers and sessions: it can neither change a revision nor remove a note, a project or a token
-- nw_read      for standbys and figures: it reads
--
-- None has a password yet: \password nw_app, or certificates (pg_hba.conf).

DO $$
DECLARE wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['nw_migrator', 'nw_app', 'nw_read'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', wanted);
    END IF;
  END LOOP;
  EXECUTE format('GRANT CREATE ON DATABASE %I TO nw_migrator', current_database());
  EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());

  IF to_regnamespace('main') IS NULL THEN
    RAISE NOTICE 'there is no store yet: run `notewell migrate` as nw_migrator, then this again';
    RETURN;
  END IF;

  GRANT USAGE ON SCHEMA main, seen TO nw_app, nw_read;
  GRANT SELECT ON ALL TABLES IN SCHEMA main, seen TO nw_app, nw_read;
  REVOKE SELECT ON main.tokens, main.token_record FROM nw_read;
  GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA main TO nw_app;
  GRANT USAGE ON ALL SEQUENCES IN SCHEMA main TO nw_app;

  REVOKE UPDATE, DELETE ON main.revisions, main.project_changes FROM nw_app;
  REVOKE DELETE ON main.notes, main.projects, main.receipts, main.sources, main.tokens,
    main.token_record FROM nw_app;
  REVOKE INSERT, UPDATE, DELETE ON main.gate, main.redactions, main.lost_changes FROM nw_app;
  GRANT UPDATE (commits) ON main.gate TO nw_app;
END
$$;
