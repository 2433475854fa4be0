"""A person at a terminal: what is shown to them in colour and in large, and what they are asked."""
