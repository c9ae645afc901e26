"""A model and a pull request that do their worst, and what must hold all the same. README.md beside this says what."""
