"""DICOM to Parquet: reads any pile of DICOM into a lake of typed tables."""

__version__ = "0.1.0"
