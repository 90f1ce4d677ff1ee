"""内部备注: an office's own words about a declaration, which neither the enterprise nor any other unit reads."""
