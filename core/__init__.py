"""What everyone may use: configuration, errors, the viewer, money, logging, AWS clients."""
