"""What visitors see and press: reads forms, asks services and selectors, answers."""
