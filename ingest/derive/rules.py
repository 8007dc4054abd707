"""The rules whose judgements become ``findings``: what each says, how grave it is, and why.

A rule is a record here and, unless the reader notices it, a file in ``sql/findings``.  A file adds
rows to ``finding_rows`` (rule, path, expected, observed, n_affected and UIDs; severity, level and
subject only where they depend on the row); the sentence is put together from the record.  It may
hold ``{affected}`` ("3 instances") and ``{subject}`` (the attribute, else the element's path), and
is followed by what was expected and found; identifiers never become part of it.
"""

from __future__ import annotations

from ingest.derive.rule import PROBLEMS, Rule, Severity, Stage
from ingest.derive.rules_quality import QUALITY

__all__ = ["FILES", "PROBLEMS", "RULES", "Rule", "Severity", "Stage"]

NOTICED_WHILE_READING: tuple[Rule, ...] = (
    Rule(
        "value_unparsable", "warning", "instance",
        "Value does not fit its column",
        "The value of {subject} does not fit its column and is empty there ({affected}).",
        "PS3.5 6.2",
        "Elements that fill a typed column. Their text is kept in elements. Empty values are none.",
    ),
    Rule(
        "sop_uid_from_meta", "warning", "instance",
        "SOP Instance UID only in the file meta information",
        "The SOP Instance UID is missing; the file meta information has one ({affected}).",
        "PS3.3 C.12.1.1.1, PS3.10 7.1",
        "Files with a file meta group. Without one there is no UID, and the file is an error.",
    ),
    Rule(
        "meta_mismatch", "warning", "instance",
        "File meta information names another instance",
        "The file meta information has another SOP Instance UID than the data set ({affected}).",
        "PS3.10 7.1",
        "Files with a file meta group. The UID of the data set counts.",
    ),
    Rule(
        "uid_missing", "error", "instance",
        "Required UID is missing",
        "The UID {subject}, which every instance must have, is missing or empty ({affected}).",
        "PS3.3 C.12.1.1.1",
        "SOP Class UID and SOP Instance UID of files that are DICOM otherwise.",
    ),
    Rule(
        "truncated_header", "error", "instance",
        "File ends inside its header",
        "The file ends before its header does, so elements are missing ({affected}).",
        "PS3.5 7.1",
        "Files whose last element before the pixel data is longer than the file.",
    ),
    Rule(
        "truncated_pixels", "error", "instance",
        "File ends inside its pixel data",
        "The file ends before its pixel data does, so the image is incomplete ({affected}).",
        "PS3.5 8",
        "Files with a complete header. Pixel data itself is not read.",
    ),
    Rule(
        "charset_unknown", "warning", "instance",
        "Character set is not known",
        "The header names a character set that is not defined ({affected}).",
        "PS3.3 C.12.1.1.2",
        "Specific Character Set of the data set and of sequence items. Text is read as Latin-1.",
    ),
    Rule(
        "text_undecodable", "warning", "instance",
        "Text does not fit its character set",
        "The text of {subject} cannot be read in the character set of the header ({affected}).",
        "PS3.5 6.1",
        "Text elements that Specific Character Set applies to. What can't be read is replaced.",
    ),
    Rule(
        "decoder_failed", "warning", "instance",
        "Private data could not be decoded",
        "A decoder knows the private element {subject} and could not read it ({affected}).",
        "documents of the vendor",
        "Private elements a decoder exists for. The element itself is kept.",
    ),
    Rule(
        "read_by_pydicom", "info", "instance",
        "Irregular encoding",
        "The header is encoded in an irregular way and was read slowly and in full ({affected}).",
        "PS3.5 7",
        "Headers that the fast reader leaves to pydicom. No value is lost by that.",
    ),
    Rule(
        "vr_unexpected", "info", "instance",
        "Unexpected value representation",
        "The element {subject} does not have the standard value representation ({affected}).",
        "PS3.6 6",
        "Standard elements with an explicit VR other than UN.",
    ),
    Rule(
        "trailing_bytes", "info", "instance",
        "Bytes after the end of the data set",
        "The file goes on after the last element with bytes that are no element ({affected}).",
        "PS3.10 7.2",
        "Whole files. Data Set Trailing Padding (FFFC,FFFC) is an element.",
    ),
)  # fmt: skip

FOUND_IN_THE_LAKE: tuple[Rule, ...] = (
    Rule(
        "duplicate", "info", "series",
        "Instances that are there more than once",
        "Further files hold instances that the series has already ({affected}).",
        "PS3.5 9",
        "Files with equal SOP Instance UIDs. Counted by the series of the file that is kept: a "
        "whole one before a truncated one, then that with the smallest path.",
        sql="duplicate", stage="duplicates", counts="files",
    ),
    Rule(
        "duplicate_conflict", "warning", "series",
        "One SOP Instance UID, different contents",
        "Files with the same SOP Instance UID have different elements ({affected}).",
        "PS3.5 9, PS3.3 C.12.1.1.1",
        "Duplicates, each compared with the file that is kept: values of all elements, nested and "
        "private ones too, but not the file meta information, VRs or pixel data.",
        sql="duplicate_conflict", stage="duplicates",
    ),
    Rule(
        "truncated", "error", "instance",
        "File ends too early",
        "The file ends before its data do ({affected}).",
        "PS3.5 7.1, PS3.5 8",
        "Instances of truncated files, unless truncated_header or truncated_pixels says so.",
        sql="truncated",
    ),
    Rule(
        "value_not_constant", "info", "series",
        "Attribute varies within a series",
        "{subject} should be the same throughout the series and is not (series of {affected}).",
        "PS3.3 C.7.1 to C.7.5, PS3.3 A.1.2.4",
        "Attributes that series declares constant; a missing value is no other value. A warning "
        "for attributes of the patient and those that say what the pixels are. Not for instances "
        "without a Series Instance UID.",
        sql="value_not_constant", stage="series",
    ),
    Rule(
        "value_not_constant_in_study", "info", "study",
        "Attribute varies within a study",
        "{subject} should be the same throughout the study and is not (study of {affected}).",
        "PS3.3 C.7.1, PS3.3 C.7.2, PS3.3 A.1.2.3",
        "Attributes of patient and study, compared between series. A warning for those of the "
        "patient. Not for what belongs to steps of a study, nor without a Study Instance UID.",
        sql="value_not_constant_in_study", stage="lake",
    ),
    Rule(
        "missing_uid", "error", "series",
        "Instances without study or series",
        "Instances do not say which study or series they belong to ({affected}).",
        "PS3.3 C.7.2.1, PS3.3 C.7.3.1",
        "Study Instance UID and Series Instance UID, which every instance must have.",
        sql="missing_uid", stage="lake",
    ),
    Rule(
        "series_in_two_studies", "warning", "series",
        "One Series Instance UID in several studies",
        "The Series Instance UID occurs in other studies too ({affected} in this one).",
        "PS3.3 C.7.3.1, PS3.3 A.1.2.4",
        "Series that have both UIDs. A row for the part in each study.",
        sql="series_in_two_studies", stage="lake",
    ),
    Rule(
        "file_error", "error", "file",
        "Files that could not be read",
        "Files seem to be DICOM and could not be read ({affected}).",
        "PS3.10 7",
        "Files with the status error, by kind of reason. Not files that are no DICOM.",
        sql="file_error", stage="lake", counts="files",
    ),
    Rule(
        "mr_rules_failed", "error", "study",
        "The rules for MR series failed",
        "The rules for MR series failed at this study, so its series are UNKNOWN (series of "
        "{affected}).",
        "Taglake, ingest/mr",
        "Studies with MR series. Not those that no rule applies to, or that rules leave undecided.",
        sql="mr_rules_failed", stage="classes",
    ),
    Rule(
        "mr_correction_unfollowed", "warning", "series",
        "A correction by hand is about images that the series does not have",
        "A class of MR was corrected by hand for images that the series does not have, or no "
        "longer, so nothing follows it (series of {affected}).",
        "Taglake, ingest/derive/corrections.py",
        "Corrections of one kind of images of a series. Those of series that are not in the "
        "databank wait for them and are none.",
        sql="mr_correction_unfollowed", stage="classes",
    ),
)  # fmt: skip

RULES: dict[str, Rule] = {
    rule.id: rule for rule in (*NOTICED_WHILE_READING, *FOUND_IN_THE_LAKE, *QUALITY)
}

FILES: dict[str, Stage] = {rule.sql: rule.stage for rule in RULES.values()}
"""File in ``sql/findings`` -> when it runs."""
