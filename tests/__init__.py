"""Everything that is claimed of this project, asked of the real code."""
