"""What `scripts/fuzz_inputs.py` throws at the program: seeds, their mutations, and the targets with their promises."""
