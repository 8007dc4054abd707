keys AS (
    SELECT key_id
    FROM element_keys
    WHERE private_class IS NOT NULL
        AND coalesce(creator, '') = $creator
        AND concat(left(tag, 4), 'xx', right(tag, 2)) = $element
        AND CASE WHEN contains(path, '/') THEN substr(path, strpos(path, '/') + 1) ELSE '' END
            = $field
)
