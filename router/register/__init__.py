"""The register: what has happened, in SQL, copied from the journal and derived from it; it never decides anything."""
