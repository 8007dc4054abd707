-- The findings of a rule ($rule), a severity ($severity), a level ($level) and an age ($since: new,
-- known, gone; all but those that are gone if empty); each of them is any if it is empty. What is
-- new or gone is compared with what was there before the run $run.
WITH
{findings_here}
SELECT
    severity,
    rule,
    message,
    since,
    level,
    StudyDate,
    StudyDescription,
    SeriesNumber,
    SeriesDescription,
    Modality,
    Manufacturer,
    ManufacturerModelName,
    n_affected,
    expected,
    observed,
    path,
    reference,
    first_run,
    StudyInstanceUID,
    SeriesInstanceUID,
    SOPInstanceUID,
    list_position(['error', 'warning', 'info'], severity) AS gravity
FROM here
WHERE ($rule = '' OR rule = $rule)
    AND ($severity = '' OR severity = $severity)
    AND ($level = '' OR level = $level)
    AND if($since = '', since <> 'gone', since = $since)
