"""What has to be right before anything else of the program is imported: the process, its place, the screen."""
