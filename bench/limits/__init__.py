"""The least that the work of a benchmark could cost: nothing but what nobody can leave out."""
