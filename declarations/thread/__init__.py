"""沟通: officials of the reviewing line and the enterprise ask and answer on the record, while it is under review."""
