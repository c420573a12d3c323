"""From what was handed in to gradebook, ledger and feedback; the only place that knows nbgrader."""
