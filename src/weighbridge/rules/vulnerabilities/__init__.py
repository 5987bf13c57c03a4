"""Rules on advisories for the packages that the model stands on."""
