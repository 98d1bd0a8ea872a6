"""Data files of Calotype; read them through importlib.resources."""
