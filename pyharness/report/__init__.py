"""Reports: what runs have shown, as one self-contained HTML file and as pictures."""
