"""SQLite index and atomic files."""
