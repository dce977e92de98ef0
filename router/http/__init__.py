"""The service's interfaces: REST under /v1, the desktop websocket, and their descriptions."""
