"""Where a member lets an application act for them."""
