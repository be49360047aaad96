"""How fast is it? Each measurement stands beside a baseline taken in the same run."""
