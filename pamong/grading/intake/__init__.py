"""What comes in: folders that others filled, collected and read safely."""
