"""Web Push: telling clients that are not open. Nobody but the subscription's own service is asked, and it reads nothing."""
