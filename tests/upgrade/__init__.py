"""What older programs left behind still works: every request that was ever frozen, every file that was ever written."""
