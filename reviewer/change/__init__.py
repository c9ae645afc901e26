"""What is under review: values, selection, chunks."""
