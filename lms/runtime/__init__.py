"""Setting up, starting and checking the platform.

Standard library only: ``python3 lms/runtime setup`` runs before anything is installed. The Makefile calls it.
"""
