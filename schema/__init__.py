"""What clients see: types, inputs, payloads and errors."""
