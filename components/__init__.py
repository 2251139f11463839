"""What exists in the cloud: a component for each thing that a lake is made of, and the settings that they follow."""
