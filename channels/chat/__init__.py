"""Chat: residents write from a city's web pages; a websocket for them, a widget for the pages."""
