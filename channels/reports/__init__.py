"""The page where residents report faults, usable without JavaScript."""
