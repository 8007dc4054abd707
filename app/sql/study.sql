-- One study: $study is its StudyInstanceUID.
SELECT * REPLACE (
    regexp_replace(PatientAge, '^0*(\d+)([DWMY])$', '\1 \2') AS PatientAge
)
FROM studies WHERE StudyInstanceUID IS NOT DISTINCT FROM nullif($study, 'none')
