-- What protocols need beside series: macros of their values, tolerances, and what fingerprints
-- stand for, of which the last version knows its own.
CREATE MACRO digits(x) AS format('{:.4g}', CASE WHEN isfinite(x) THEN x + 0.0 END);
CREATE MACRO listed_digits(x) AS
    nullif(array_to_string([coalesce(digits(e), '') FOR e IN x], '\'), '');
-- Distinct numbers, ascending, of which some may be the same to four digits. Most lists have one,
-- which takes a tenth of the time.
CREATE MACRO distinct_digits(x) AS
    CASE
        WHEN len(x) = 1 THEN digits(x[1])
        ELSE nullif(array_to_string(list_filter(
            [digits(e) FOR e IN x], lambda e, nth: nth = 1 OR e <> digits(x[nth - 1])
        ), '\'), '')
    END;
-- A macro is written out and planned wherever it is used, each time its argument is: once.
CREATE MACRO one_line(x) AS
    nullif(trim(replace(replace(x, chr(10), ' '), chr(13), ' ')), '');
-- Whether two lists of numbers are the same up to a tolerance; texts have none.
CREATE MACRO within(a, b, absolute, relative) AS
    len(a) = len(b) AND list_bool_and([
        coalesce(
            abs(TRY_CAST(z[1] AS DOUBLE) - TRY_CAST(z[2] AS DOUBLE)) <= greatest(
                absolute,
                relative * greatest(
                    abs(TRY_CAST(z[1] AS DOUBLE)), abs(TRY_CAST(z[2] AS DOUBLE))
                )
            ),
            false
        )
        FOR z IN list_zip(a, b)
    ]);

-- The key of the pseudonyms of scanners; NULL where the databank has lost its secret.
CREATE TABLE scanner_secret (scanner_secret VARCHAR);

CREATE TABLE tolerances (
    parameter VARCHAR, modality VARCHAR, absolute DOUBLE, relative DOUBLE
);

CREATE TABLE fingerprints AS
SELECT DISTINCT protocol_fingerprint, parameters FROM last_protocols;
