"""What brings cards to a board from elsewhere: a plan's phases and todos, the issues of a forge. Doing it again brings
nothing twice.
"""
