"""HTML pages: one parse tree, flattened to the same kind of lines that text dumps have."""
