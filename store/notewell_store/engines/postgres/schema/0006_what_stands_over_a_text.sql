-- What is asked of titles, headings and names alone.

-- Titles by how they begin: those that a text may call by their names. A title may be longer than an entry of a btree,
-- not of this.
CREATE INDEX names_by_beginning ON main.names USING spgist (key) WHERE way = 2;

-- A word of a title, a heading or the names has been told from others by the letter of its place, which the index does
-- not know: it is kept a second time instead, behind a mark (see word_index.py). A tsvector holds 1 MB: those under a
-- heading of half that stay without marks.
UPDATE main.search SET words = CASE WHEN octet_length(CAST(words AS text)) > 400000 THEN setweight(words, 'D')
  ELSE CAST(concat(
  CAST(setweight(words, 'D') AS text),
  (SELECT string_agg(format(' ''%s%s'':%s', over.mark, over.lexeme, over.places), '') FROM (
    SELECT word.lexeme, column_of.mark, string_agg(CAST(at.place AS text), ',') AS places
    FROM unnest(words) word
    CROSS JOIN LATERAL unnest(word.positions, word.weights) AS at (place, letter)
    JOIN (VALUES ('A', '^'), ('B', '#'), ('D', '@')) AS column_of (letter, mark) ON column_of.letter = at.letter
    GROUP BY word.lexeme, column_of.mark) over)) AS tsvector) END;
