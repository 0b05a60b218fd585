"""Changes of a dataset between runs: sources and pages taken out for good, small parts gathered."""
