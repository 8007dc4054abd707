"""The lake on disk: databanks, batches, the snapshot, its views, its check and its compaction.

One writer at a time adds immutable batches; ``lake.json`` says which of them count and is replaced
in one step, so readers need no lock and never see half of anything.
"""
