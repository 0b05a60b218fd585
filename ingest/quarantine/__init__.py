"""Records that could not be used: their bytes, kept beside their row in `rejected`, to look at and to try again.

The bytes are a table of the part that holds the row, so they are committed, replaced and retired with it.
"""
