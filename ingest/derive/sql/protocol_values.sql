-- What each series that was just made tells of its protocol; joined by its place. Most are told by
-- others word for word, so ``alike`` names for each one of ``examples``, which are asked for all.
-- Both pseudonyms are keyed: SHA-256 over the key and the SHA-256 over the key and the text.
CREATE TEMP TABLE protocol_kinds AS
WITH lined AS (
    {lines}
),
told AS (
    SELECT a.place, {columns}, l.lines
    FROM examples AS a
    LEFT JOIN lined AS l USING (place)
),
listed AS (
    SELECT
        *,
        concat_ws(chr(31), {of_scanner}) AS scanner,
        {is_derived} AS is_derived,
        concat_ws(
            ' ', Manufacturer, ManufacturerModelName, backslashed(SoftwareVersions),
            backslashed(ImplementationVersionName_values)
        ) AS makers
    FROM told
),
named AS (
    SELECT
        *,
        CASE WHEN trim(scanner, chr(31)) <> '' THEN left(sha256(
            scanner_secret || sha256(scanner_secret || scanner)
        ), 16) END AS scanner_key,
        concat_ws(
            ' · ',
            Modality,
            CASE
                WHEN upper(trim(Modality)) IN ({nuclear}) THEN one_line(Radiopharmaceutical)
                -- A reconstruction is a protocol of its own; on GE's MR the name is that of the
                -- whole examination (11 names for 43 descriptions in public data).
                WHEN Modality = 'CT' OR upper(Manufacturer) LIKE 'GE%'
                THEN nullif(concat_ws(
                    ' · ', one_line(ProtocolName),
                    nullif(one_line(SeriesDescription), one_line(ProtocolName))
                ), '')
                ELSE coalesce(one_line(ProtocolName), one_line(SeriesDescription))
            END,
            -- and so is a map, or a phase image
            CASE
                WHEN upper(trim(Modality)) IN ({nuclear}) THEN NULL
                WHEN is_derived
                THEN concat_ws(' ', 'DERIVED', one_line(ImageType[3]), one_line(ImageType[4]))
                WHEN upper(ImageType[3]) NOT IN ('M', 'AXIAL', 'NONE', 'OTHER')
                THEN one_line(ImageType[3])
            END
        ) AS protocol_group,
        sha256(nullif(lines, '')) AS protocol_fingerprint
    FROM listed CROSS JOIN scanner_secret
)
SELECT
    place,
    scanner_key,
    nullif(protocol_group, '') AS protocol_group,
    protocol_fingerprint,
    CASE
        WHEN lines IS NULL THEN 'no_fields'
        WHEN protocol_fingerprint IS NULL THEN 'empty'
        ELSE 'ok'
    END AS protocol_status,
    nullif(list_sort(list_filter([
        CASE
            WHEN Modality IN ('SEG', 'RTSTRUCT', 'RTDOSE', 'RTPLAN', 'SR', 'PR', 'KO') THEN Modality
        END,
        CASE WHEN makers ILIKE '%highdicom%' THEN 'highdicom' END,
        CASE WHEN makers ILIKE '%QIICR%' OR makers ILIKE '%dcmqi%' THEN 'QIICR' END,
        CASE WHEN coalesce(ctp_collection, ctp_subject, ctp_flag) IS NOT NULL THEN 'CTP' END
    ], lambda kind: kind IS NOT NULL)), []) AS derived_kinds,
    {is_localizer} AS is_localizer,
    is_derived,
    lines
FROM named;

CREATE TEMP TABLE protocol_values AS
SELECT
    a.place,
    k.* EXCLUDE (place, lines),
    CASE WHEN {is_dated} THEN sha256(concat_ws(
        chr(31), {of_acquisition}, coalesce(scanner_key, ''), coalesce(protocol_fingerprint, '')
    )) END AS acquisition_signature
FROM aggregated AS a
JOIN alike USING (place)
JOIN protocol_kinds AS k ON k.place = alike.example;

INSERT INTO fingerprints
SELECT protocol_fingerprint, string_split(any_value(lines), chr(10))
FROM protocol_kinds ANTI JOIN fingerprints USING (protocol_fingerprint)
WHERE protocol_fingerprint IS NOT NULL
GROUP BY protocol_fingerprint;
