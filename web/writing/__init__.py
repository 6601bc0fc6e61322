"""The composer: what members write in their own name, and the parts that the desk of a section shares with it."""
