"""Product pictures: where to upload one, making it ready, and taking it away again."""
