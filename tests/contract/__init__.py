"""Client and server mean the same: requests and answers, in the same process and over sockets."""
