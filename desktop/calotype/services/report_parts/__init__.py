"""What a report of a run is made of: safe markup, diagrams, pictures, and the sections of the page."""
