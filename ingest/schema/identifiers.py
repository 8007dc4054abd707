"""Which elements identify a person, and so live under ``phi/``.

They are the identities of table E.1-1 of PS3.15 (:mod:`ingest.schema.confidentiality`, which says
what of the table stays in the open, and why), and others of the same kind that the table lacks.
Every person name (VR PN) identifies; so does every element inside a sequence that is listed.
Private text identifies unless a vendor's table says what it holds (``ingest.decoders.safe``).
"""

from __future__ import annotations

from ingest.schema.confidentiality import IDENTITIES

FURTHER: frozenset[int] = frozenset([
    0x00020016,  # SourceApplicationEntityTitle
    0x00020017,  # SendingApplicationEntityTitle
    0x00020018,  # ReceivingApplicationEntityTitle
    0x00020026,  # SourcePresentationAddress
    0x00020027,  # SendingPresentationAddress
    0x00020028,  # ReceivingPresentationAddress
    0x00020102,  # PrivateInformation
    0x00041130,  # FileSetID
    0x00041141,  # FileSetDescriptorFileID
    0x00041500,  # ReferencedFileID
    0x00080051,  # IssuerOfAccessionNumberSequence
    0x00080407,  # StoredInstanceBaseURI
    0x00080408,  # FolderAccessURI
    0x00080409,  # FileAccessURI
    0x00081190,  # RetrieveURL
    0x00100022,  # TypeOfPatientID
    0x00100024,  # IssuerOfPatientIDQualifiersSequence
    0x00100026,  # SourcePatientGroupIdentificationSequence
    0x00100027,  # GroupOfPatientsIdentificationSequence
    0x00100033,  # PatientBirthDateInAlternativeCalendar
    0x00100034,  # PatientDeathDateInAlternativeCalendar
    0x00100214,  # StrainStockNumber
    0x00102295,  # BreedRegistrationNumber
    0x00140104,  # SecondaryReviewerName
    0x00142006,  # EvaluatorName
    0x00181003,  # DeviceID
    0x00181803,  # NTPSourceAddress
    0x0018991A,  # InstructionPerformanceComment
    0x0022112C,  # CalculationComment
    0x00240044,  # CommentsOnPatientPerformanceOfVisualField
    0x00321031,  # RequestingPhysicianIdentificationSequence
    0x00400026,  # OrderPlacerIdentifierSequence
    0x00400027,  # OrderFillerIdentifierSequence
    0x00400031,  # LocalNamespaceEntityID
    0x00400032,  # UniversalEntityID
    0x00400036,  # AssigningFacilitySequence
    0x00400039,  # AssigningJurisdictionCodeSequence
    0x0040003A,  # AssigningAgencyOrDepartmentCodeSequence
    0x00400400,  # CommentsOnTheScheduledProcedureStep
    0x00400515,  # AlternateContainerIdentifierSequence
    0x00401006,  # PlacerOrderNumberProcedure
    0x00401007,  # FillerOrderNumberProcedure
    0x00402006,  # PlacerOrderNumberImagingServiceRequestRetired
    0x00402007,  # FillerOrderNumberImagingServiceRequestRetired
    0x0040A067,  # DocumentAuthorTrial
    0x0040A160,  # TextValue
    0x0040E001,  # HL7InstanceIdentifier
    0x0040E010,  # RetrieveURI
    0x00420010,  # DocumentTitle
    0x00440003,  # ApprovalStatusFurtherDescription
    0x00440012,  # SubstanceAdministrationDeviceID
    0x00440106,  # AssertionComments
    0x00660004,  # SurfaceComments
    0x0074100A,  # ContactURI
    0x00880130,  # StorageMediaFileSetID
    0x21000160,  # OwnerID
    0x30040006,  # DoseComment
    0x300600C8,  # FrameOfReferenceTransformationComment
    0x30080202,  # TreatmentStatusComment
    0x300A0402,  # SetupImageComment
    0x30100019,  # AuthorIdentificationSequence
    0x4010102A,  # AssignedLocation
    0x40101047,  # OOIOwnerSequence
])  # fmt: skip
"""Names and identifiers, their issuers, where things are kept, and comments, beyond table E.1-1."""

REPEATING: frozenset[int] = frozenset(
    group << 17 | element
    for first, elements in ((0x5000, (0x0022, 0x2500)), (0x6000, (0x4000,)))
    for group in range(first >> 1, (first >> 1) + 16)
    for element in elements
)
"""CurveDescription and CurveLabel (50xx), OverlayComments (60xx): rows of table E.1-1 with a mask."""

IDENTIFYING: frozenset[int] = frozenset(IDENTITIES) | FURTHER | REPEATING
