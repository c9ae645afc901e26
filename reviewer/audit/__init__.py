"""A whole repository under review: what was known, what one machine reads of it, and what came of all of them."""
