"""The real programs in real processes, killed, cut off and started again; these run alone."""
