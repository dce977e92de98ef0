"""What agents and supervisors can do: one file a theme, one handler for each command of the desktop."""
