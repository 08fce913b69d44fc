"""Adapters for training libraries, a module each, which imports the library that it is for: `docs/integrations.md`."""
