"""脱密自查: what should not stand in a declaration, where it stands, and what can be mended at once.

Everything is done on this machine. What is looked for is data (fixtures/secrecy.yaml).
"""

from declarations.secrecy.report import Finding, Report, look_through

# The key under which the signatory's confirmation travels with the commitments.
CONFIRMED = "secrecy-check"

__all__ = ["CONFIRMED", "Finding", "Report", "look_through"]
