"""What is known about somebody: all of it shown, given to them as JSON or CSV, and erased.   Source: GDPR art. 15, 17, 20"""
