"""What `import ingest` offers; the names to use are those of the package `ingest` itself."""
