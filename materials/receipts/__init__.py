"""The receipt of a submission: what it says, the code that proves it, and the paper it comes on."""
