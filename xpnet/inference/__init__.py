"""Inference: the answer of lowest energy among any set of answers, large, structured or continuous."""
