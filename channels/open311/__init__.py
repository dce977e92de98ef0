"""Open311 GeoReport v2 with what FixMyStreet adds."""
