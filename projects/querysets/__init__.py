"""Who reads which rows, and the questions asked of them again and again."""
