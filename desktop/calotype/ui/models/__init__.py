"""View models: what the widgets show, without widgets."""
