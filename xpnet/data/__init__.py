"""Samples with labels: where they come from, how they are split, scaled and cut into minibatches.

Host-side by nature: everything here is NumPy, and a backend takes over when a batch is learned from.
"""
