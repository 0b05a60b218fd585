"""Parts of `scripts/bench.py`: the corpora, the contestants, and how they are measured."""
