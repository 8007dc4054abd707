-- MR protocols of one name and one scanner whose timing is not always the same
SELECT ManufacturerModelName, ProtocolName, count(*) AS series,
       list_sort(list_distinct(list(RepetitionTime))) AS repetition_times_ms,
       list_sort(list_distinct(list(EchoTime))) AS echo_times_ms
FROM series
WHERE Modality = 'MR' AND ProtocolName IS NOT NULL
GROUP BY ALL
HAVING len(repetition_times_ms) > 1 OR len(echo_times_ms) > 1
ORDER BY series DESC
