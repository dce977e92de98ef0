"""A whole city on one machine: made-up residents, agents and departments around the real service."""
