"""现场核查: the sample, who goes, the checklist, the conclusion and its paper."""
