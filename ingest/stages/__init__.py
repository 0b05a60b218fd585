"""One file per stage of the way of the data: `ingest.pipeline` names their order.

A stage is a function `(batch) -> batch`. It may end documents (`Document.reject`) and give lines verdicts; it never
deletes a line.
"""
