"""Theme, icons and wording."""
