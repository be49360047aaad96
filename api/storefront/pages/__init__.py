"""What the storefront's addresses answer, a file for each kind of page."""
