"""evertill-doctor: looks at a device's file, queue, clock and server, and says in words what is wrong."""
