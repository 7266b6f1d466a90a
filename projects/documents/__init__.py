"""Projects as staff look at them: the board, one project's past, a table to take away."""
