"""Trained models: weights (`.npz`), the card beside them, and the NumPy code that applies them to whole
batches.
"""
