"""What lines are made of, measured for whole batches: code points, words, shapes, fingerprints."""
