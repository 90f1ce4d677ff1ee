"""The policy desk: clone an edition, edit it row by row, see what changed, publish it by two people, correct it by date.

A draft is the texts of its chapters. They are checked and loaded by the same chapters as the files of an edition.
"""
