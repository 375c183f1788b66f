"""Documents: what read operations answered, taken up again as what an account holds."""
