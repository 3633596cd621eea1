"""Judgements → findings: located in the text, fingerprinted, suppressed by comments, matched with a baseline."""
