-- One series: $study and $series are its UIDs.
SELECT * FROM series WHERE StudyInstanceUID = $study AND SeriesInstanceUID = $series
