-- CTDIvol of the headers of CT images by group ($by): irradiations, the middle one and the range.
-- The numbers are those of dose_ct_statistics.
WITH
{dose_ct}
{dose_ct_counted}
