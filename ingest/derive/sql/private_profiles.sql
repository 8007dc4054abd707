-- Which private elements the touched series have: private_of names the profile of each series,
-- made_profiles and made_blocks say what new profiles consist of.
--
-- Most series have the same elements as others. So series are first told apart by sums over hashes
-- of their keys, and words are only looked at of one series of each kind. What identifies a profile
-- are words, not keys, which every part numbers anew; sums do not depend on the order.

-- (gggg,00bb) only says who the creator is. Parameters of a protocol, some two thousand, which are
-- others in every protocol, are where the text is that holds them: that is a decoded value itself.
CREATE TABLE private_keys AS
SELECT key_id, path, tag, creator
FROM touched_element_keys
WHERE private_class IS NOT NULL
    AND substr(tag, 5, 2) <> '00'
    AND NOT regexp_matches(path, '/.*/');

CREATE TABLE series_headers AS
SELECT DISTINCT series, header_id FROM touched_instances JOIN live USING (instance_id);

-- Elements of which the instances of a header have different values, or not all of them have any.
CREATE TABLE series_varying AS
SELECT DISTINCT series, key_id
FROM touched_instance_elements
SEMI JOIN private_keys USING (key_id)
JOIN live USING (instance_id);

CREATE TABLE series_alike AS
WITH prints AS (
    SELECT header_id, sum(hash(key_id)) AS print
    FROM touched_header_elements
    SEMI JOIN private_keys USING (key_id)
    SEMI JOIN series_headers USING (header_id)
    GROUP BY header_id
),
constant AS (
    SELECT series, list_sort(list(DISTINCT print)) AS prints
    FROM series_headers JOIN prints USING (header_id)
    GROUP BY series
),
varying AS (
    SELECT series, sum(hash(key_id)) AS print FROM series_varying GROUP BY series
)
SELECT series, min(series) OVER (PARTITION BY prints, print) AS example
FROM constant FULL JOIN varying USING (series);

CREATE TABLE example_keys AS
WITH examples AS (SELECT DISTINCT example AS series FROM series_alike)
SELECT series, key_id
FROM touched_header_elements
SEMI JOIN private_keys USING (key_id)
JOIN (FROM series_headers SEMI JOIN examples USING (series)) USING (header_id)
UNION ALL
FROM series_varying SEMI JOIN examples USING (series);

CREATE TABLE words AS
SELECT
    *,
    hash(creator, payload) AS kind,
    md5_number_lower(concat_ws(chr(31), creator, element, field)) AS word
FROM (
    SELECT
        key_id,
        coalesce(creator, '') AS creator,
        concat(left(tag, 4), 'xx', right(tag, 2)) AS element,
        CASE WHEN contains(path, '/') THEN substr(path, strpos(path, '/') + 1) ELSE '' END AS field,
        CASE WHEN contains(path, '/') THEN concat('(', left(tag, 4), ',xx', right(tag, 2), ')') ELSE '' END
            AS payload
    FROM private_keys SEMI JOIN example_keys USING (key_id)
);

CREATE TABLE example_words AS
SELECT series, kind, word, min(key_id) AS key_id
FROM example_keys JOIN words USING (key_id)
GROUP BY series, kind, word;

CREATE TABLE example_blocks AS
SELECT series, kind, md5(concat_ws(' ', count(*), sum(word))) AS private_block
FROM example_words
GROUP BY series, kind;

CREATE TABLE example_profiles AS
SELECT series AS example, md5(string_agg(private_block, '' ORDER BY private_block)) AS private_profile
FROM example_blocks
GROUP BY series;

CREATE TABLE private_of AS
SELECT series, private_profile FROM series_alike JOIN example_profiles USING (example);

INSERT INTO made_profiles
SELECT DISTINCT private_profile, private_block
FROM example_profiles JOIN example_blocks ON series = example;

INSERT INTO made_blocks
SELECT private_block, creator, payload, element, field
FROM (
    SELECT private_block, kind, min(series) AS series
    FROM example_blocks
    GROUP BY private_block, kind
)
JOIN example_words USING (series, kind)
JOIN words USING (key_id);
