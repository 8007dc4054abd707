"""The commands of `taglake`, one module each; every one imports what it needs when it runs."""
