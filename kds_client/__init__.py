"""The kitchen: the screens a chef reads and touches, and nothing that decides."""
