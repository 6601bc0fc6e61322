"""Other people's servers, run as processes of ours, for tests to federate with."""
