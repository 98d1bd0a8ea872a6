"""The use cases of the window, from a terminal."""
