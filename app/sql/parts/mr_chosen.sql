($class = '' OR list_contains(string_split($class, '|'), coalesce(sequenceClass, '—')))
AND ($orientation = '' OR list_contains(string_split($orientation, '|'), standardOrientation))
AND ($fat = '' OR list_contains(string_split($fat, '|'), CAST(isFatSuppressed AS VARCHAR)))
AND (
    $contrast = ''
    OR list_contains(string_split($contrast, '|'), coalesce(CAST(isContrastEnhanced AS VARCHAR), '—'))
)
AND (
    $field = '' OR list_contains(string_split($field, '|'), coalesce(standardFieldStrength, '—'))
)
AND ($vendor = '' OR list_contains(string_split($vendor, '|'), standardManufacturer))
