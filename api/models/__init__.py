"""What do requests and answers look like in JSON? Models that refuse unknown fields; money is never a float."""
