-- What the nouns say and PostgreSQL has for other types: whole numbers are bigint here.

CREATE FUNCTION main.substr(text, bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN pg_catalog.substr($1, CAST($2 AS integer));

CREATE FUNCTION main.substr(text, bigint, bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN pg_catalog.substr($1, CAST($2 AS integer), CAST($3 AS integer));
