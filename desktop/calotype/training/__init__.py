"""Generators of training events."""
