"""Tests of pictures: taking them in, giving them out, removing them."""
