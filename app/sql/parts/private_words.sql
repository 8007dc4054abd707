coalesce(creator, '') AS creator,
concat(left(tag, 4), 'xx', right(tag, 2)) AS element,
CASE WHEN contains(path, '/') THEN substr(path, strpos(path, '/') + 1) ELSE '' END AS field,
CASE
    WHEN NOT contains(path, '/') THEN ''
    WHEN split_part(path, '/', 3) <> '' THEN split_part(path, '/', 2)
    ELSE concat('(', left(tag, 4), ',xx', right(tag, 2), ')')
END AS payload
