"""What every wing may use."""
