"""A look at an instance: its original file, its pixels, and the picture made of them."""
