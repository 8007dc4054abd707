-- Files that hold an instance which another file holds, by the series of the one that counts.
INSERT INTO finding_rows BY NAME
SELECT
    'duplicate' AS rule,
    t.StudyInstanceUID,
    t.SeriesInstanceUID,
    min(m.SOPInstanceUID) AS SOPInstanceUID,
    'one file for each SOP Instance UID' AS expected,
    count(*) AS n_affected
FROM dropped AS d
JOIN members AS m ON d.kept_file_id = m.instance_id
JOIN touched AS t USING (series)
WHERE d.why = 'duplicate'
GROUP BY series, t.StudyInstanceUID, t.SeriesInstanceUID;
