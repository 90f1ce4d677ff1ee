"""The officials' queue: what waits, whose it is, how long it has waited, and acts on many at once."""
