"""Which private elements series have, factored so that a million series stay a small table.

Series of a scanner and a protocol have the same private elements. So a series only names its
profile, a profile the blocks that it consists of, and a block its elements: those of one creator,
as they are stored, or decoded from one of them. Parameters of a vendor's protocol, which are some
two thousand and others in every protocol, are not among them: the text that holds them is.
"""

from __future__ import annotations

from ingest.schema.attributes.notation import S
from ingest.schema.records import Column, Table

PRIVATE_PROFILE = Column(
    "private_profile", S, "Which private elements its instances have; NULL where they have none", "",
    ("MD5 of the blocks in private_profiles, ascending",), "series",
)  # fmt: skip
PRIVATE_BLOCK = Column(
    "private_block", S, "A set of private elements that occur together", "",
    ("MD5 of the sum of hashes of creator, element and field of its elements",), "lake",
)  # fmt: skip

PRIVATE_PROFILES = Table(
    name="private_profiles",
    row="block of a private profile",
    description="What private profiles of series consist of: blocks of elements.",
    columns=(PRIVATE_PROFILE, PRIVATE_BLOCK),
    key=("private_profile", "private_block"),
    stored="derived",
)
PRIVATE_BLOCKS = Table(
    name="private_blocks",
    row="private element of a block",
    description="The elements of the blocks in private_profiles; those of a block have the same creator and payload.",
    columns=(
        PRIVATE_BLOCK,
        Column("creator", S, "Private creator; empty where there is none", level="lake"),
        Column("payload", S, "Element that a value was decoded from, as (gggg,xxee); empty for elements as they are "
               "stored", level="lake"),
        Column("element", S, "Group and element as ggggxxee: xx is the block its creator reserved", level="lake"),
        Column("field", S, "Name of a decoded value; empty for elements as they are stored", level="lake"),
    ),
    key=("private_block", "element", "field"),
    stored="derived",
)  # fmt: skip
