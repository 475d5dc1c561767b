"""Jobs in Postgres, by pgqueuer: enqueued in the transaction that causes them, worked off by any number of workers."""
