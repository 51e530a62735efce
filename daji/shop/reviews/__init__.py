"""What buyers say of goods and of the service."""
