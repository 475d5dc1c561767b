"""What operators see of a running photostore: logs and metrics."""
