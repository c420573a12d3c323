"""A participant's pages without a kernel: home, modules, hand-in, served over whatever host they have."""
