"""What is told to the machines that read us: search engines where to look, those that train on people to stay away."""
