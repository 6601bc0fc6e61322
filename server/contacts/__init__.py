"""Those who left an e-mail address with a section, without an account: nothing is sent before they have confirmed it."""
