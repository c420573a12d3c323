"""The gradebook and the ledger: what is written of graded submissions, and why it changed."""
