"""What those who run the server are told of how it fares: numbers, health. Nothing of it names a person."""
