"""What a member or a machine may ask of us: one room for each subject. main.py builds the application."""
