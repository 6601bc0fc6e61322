"""Events: who comes."""
