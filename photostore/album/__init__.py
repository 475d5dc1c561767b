"""Albums: photos put together by hand or by a query, shared with other users."""
