"""Products in the files of other systems, as they come: read into what an import takes, with a word about every row."""
