-- Series behind a number of the quality page: those that the filters leave, of the kind $kind (such
-- as scanner) with the $value; all with an empty $kind.
WITH
{kinds_of_series}
SELECT
    * EXCLUDE (kind_scanner, kind_protocol, kind_burned),
    right(patient_key, 8) AS patient
FROM kinds
WHERE CASE $kind
    WHEN '' THEN true
    WHEN 'scanner' THEN kind_scanner = $value
    WHEN 'protocol' THEN kind_protocol = $value
    WHEN 'deviates' THEN kind_protocol = $value AND NOT protocol_is_majority
    WHEN 'burned' THEN kind_burned = $value
    ELSE false
END
