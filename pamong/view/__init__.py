"""What a participant sees, and the servers and processes that show it."""
