-- All elements of one instance: $instance is its SOPInstanceUID, $study and $series are those it
-- belongs to.
WITH one AS MATERIALIZED (
    SELECT instance_id FROM instances
    WHERE StudyInstanceUID = $study AND SeriesInstanceUID = $series AND SOPInstanceUID = $instance
    LIMIT 1
)
SELECT path, tag, keyword, name, creator, vr, text, number, byte_length, private_class, varies
FROM elements
WHERE instance_id = (SELECT instance_id FROM one)
ORDER BY
    -- numbers of items as four digits, so that [10] follows [9]
    regexp_replace(regexp_replace(regexp_replace(path,
        '\[(\d)\]', '[000\1]', 'g'), '\[(\d\d)\]', '[00\1]', 'g'), '\[(\d{3})\]', '[0\1]', 'g')
