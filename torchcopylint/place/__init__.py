"""Judgements → findings: located in the text, fingerprinted, suppressed by comments, known to a baseline."""
