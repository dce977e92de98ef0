"""The outside world: what every channel gives and takes, and the adapters that speak each one's language."""
