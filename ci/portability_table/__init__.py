"""The same numbers: machines of the lecture, trained on every backend and compared with NumPy in float64."""
