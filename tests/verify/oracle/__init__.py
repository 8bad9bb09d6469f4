"""Small programs and the sets of final states that herd7 gives for them."""
