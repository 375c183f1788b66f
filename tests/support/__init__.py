"""What tests of several subjects share: clients, the installed model, naive references."""
