"""Nouns, events, errors and arithmetic; standard library only."""
