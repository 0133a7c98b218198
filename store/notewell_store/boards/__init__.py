"""Boards: notes of type `board`, whose cards are notes. What a board's page says of columns, limits and moves, which
cards stand where, what moves are allowed, and what the history tells of the flow. Nothing here writes.
"""
