"""Trainers, and what surrounds them: recipes, loops, checkpoints."""
