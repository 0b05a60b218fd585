"""One file per stage of the way of the data: `decode → repair → extract → label → metadata → language → assemble`.

A stage is a function `(batch) -> batch`. It may end documents (`Document.reject`) and give lines verdicts; it never
deletes a line.
"""
