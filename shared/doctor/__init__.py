"""evertill-doctor: looks at a device's file, queue, clock, server and printer, and says in words what is wrong."""
