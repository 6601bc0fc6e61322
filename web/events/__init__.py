"""The agenda, and answering an event: as a member, or by an e-mail address."""
