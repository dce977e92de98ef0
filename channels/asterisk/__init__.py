"""Phone calls through an Asterisk of the municipality's own, over ARI."""
