"""Pages of a shop for people: a storefront that asks the API as any other would."""
