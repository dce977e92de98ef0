"""What a websocket of ours speaks, whoever is at the other end: frames, numbers, limits. Knows no agent and no chat."""
