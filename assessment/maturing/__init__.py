"""How an enterprise measures its own maturity: questionnaires by sub-domain, rounds kept, results of assessors recorded."""
