"""How does an agreement change without breaking anybody? New versions prepared, compared, checked and told about."""
