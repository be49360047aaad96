"""What is there, in the forms in which it is taken somewhere else."""
