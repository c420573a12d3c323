"""Trusted cells executed without a kernel, as a kernel would, within limits."""
