"""What the reader must know besides the diff."""
