"""Training of the model of sites."""
