"""The store: what is open, in Redis or Valkey. Every change is one Lua command and one journal entry."""
