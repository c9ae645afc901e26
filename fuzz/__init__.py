"""What must hold of any bytes: `make fuzz` looks for some of which it does not; the tests hold it of all we have."""
