"""Long work on a QThread."""
