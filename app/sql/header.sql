-- All elements of one instance, nested, private and decoded ones included; $instance is its
-- instance_id, a number, with which only its own parts of the files are read.
SELECT path, tag, keyword, name, creator, vr, text, number, byte_length, private_class, varies
FROM elements
WHERE instance_id = $instance
ORDER BY
    -- numbers of items as four digits, so that [10] follows [9]
    regexp_replace(regexp_replace(regexp_replace(path,
        '\[(\d)\]', '[000\1]', 'g'), '\[(\d\d)\]', '[00\1]', 'g'), '\[(\d{3})\]', '[0\1]', 'g')
