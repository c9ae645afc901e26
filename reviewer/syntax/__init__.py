"""Source code as a syntax tree, and what can be told of a source without one."""
