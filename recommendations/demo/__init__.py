"""The demonstration: an invented province, walked through the real services, so that every desk has work to show.

What is said lies in fixtures/demo/; the modules here only carry it through the same doors people use.
"""
