"""Training of the line model: labels from gold text, weak roles from HTML, network, evaluation."""
