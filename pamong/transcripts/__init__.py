"""What one participant takes home: their results on paper, under a seal that anybody can check."""
