-- Titles by how they begin: what a text may have called by its name without a link. A title may be longer than an entry
-- of a btree, not of this.

CREATE INDEX names_by_beginning ON main.names USING spgist (key) WHERE way = 2;
