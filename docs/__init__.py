"""The pages about Coopole, and what writes their parts that are made from code."""
