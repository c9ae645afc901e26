"""Bad days: what must hold when the model, GitHub or the machine fails. README.md beside this explains the tables."""
