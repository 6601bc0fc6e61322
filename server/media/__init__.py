"""Pictures that members upload: made anew without what cameras write into them, kept, given out, removed."""
