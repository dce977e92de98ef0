"""The floor in a terminal: what a supervisor reads at a glance, drawn from what the service tells a desktop."""
