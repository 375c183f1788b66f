"""What the engine does in the mock of the rest of AWS that the fake stands beside."""
