"""What `scripts/fuzz_faults.py` is made of."""
