"""Events at a section's desk: announcing them, changing and calling them off, who comes, and saying how it was."""
