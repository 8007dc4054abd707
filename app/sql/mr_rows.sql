-- Series of MR as they were cleaned: a row for each kind of volume. Of the classes, orientations,
-- fat suppressions, contrasts, fields and vendors that are named with | between them; all if none.
SELECT *, right(patient_key, 8) AS patient
FROM mr_cleaned
WHERE
    {mr_chosen}
