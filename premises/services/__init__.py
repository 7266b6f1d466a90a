"""The use cases of units, surveys, counts and gaps: the only code that writes."""
