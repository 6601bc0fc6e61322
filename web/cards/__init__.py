"""The picture that stands for a page where its address is passed on: what it says, how it is drawn, where it is."""
