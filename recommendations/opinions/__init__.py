"""联合审核: departments beside the recommending unit agree, reserve or object; nobody signs for another.

Which departments, and what sealing asks of them, are rows of the edition. What no notice says is pointed out and never
blocks.
"""
