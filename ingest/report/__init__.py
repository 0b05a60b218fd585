"""What a dataset holds and what was removed from it, as one HTML file that needs nothing else."""
