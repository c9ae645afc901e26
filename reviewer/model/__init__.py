"""Messages in, reply out."""
