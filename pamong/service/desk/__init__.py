"""What staff do by clicking: progress, schedule, attendance, cards, and the steps to the reports."""
