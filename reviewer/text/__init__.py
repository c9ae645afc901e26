"""What happens to words on their way in and out."""
