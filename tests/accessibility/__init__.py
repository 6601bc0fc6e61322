"""axe-core, which tells whether everybody can use a page: installed from npm, put into pages that a browser shows."""
