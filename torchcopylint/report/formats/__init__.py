"""One module per format, named as the format; each has `report(findings, out)`."""
