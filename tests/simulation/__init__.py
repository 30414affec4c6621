"""Bad nights played in one process: every fault in virtual time or on a simulated disk, repeatable by seed."""
