"""Archive formats: each module turns bytes into entries, one by one, and knows no other format."""
