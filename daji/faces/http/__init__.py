"""What every HTTP face shares: who asks, what may enter, how a refusal reads, what is measured."""
