"""How root fields are answered."""
