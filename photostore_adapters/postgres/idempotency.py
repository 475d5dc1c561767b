"""Idempotency keys: claimed by one statement, answered in the transaction of the change."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from photostore.shared.clock import Clock
from photostore.shared.idempotency import (
    LEASE,
    LIFETIME,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    IdempotencyKeys,
    KeptAnswer,
    KeyUse,
)
from photostore_adapters.postgres.answer_seal import AnswerSeal
from photostore_adapters.postgres.errors import translate, translated
from photostore_adapters.postgres.reading import Reader, Statement
from photostore_adapters.postgres.transaction import Transaction
from photostore_adapters.postgres.waiting import WAITING, WaitingTransaction

# Also what this very attempt wrote: the statement is asked again when a connection broke before it could answer.
_CLAIM = Statement(
    """
    INSERT INTO idempotency_keys AS kept (owner_id, key, request, attempt, leased_until, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (owner_id, key) DO UPDATE SET
        request = excluded.request, attempt = excluded.attempt, answer = NULL,
        leased_until = excluded.leased_until, expires_at = excluded.expires_at
    WHERE kept.expires_at <= $7 OR kept.answer IS NULL AND kept.leased_until <= $7 OR kept.attempt = excluded.attempt
    RETURNING attempt
    """,
    ("owner", "key", "request", "attempt", "leased_until", "expires_at", "now"),
)
_FIND = Statement("SELECT request, answer FROM idempotency_keys WHERE owner_id = $1 AND key = $2", ("owner", "key"))
_RENEW = Statement(
    "UPDATE idempotency_keys SET leased_until = $4 WHERE owner_id = $1 AND key = $2 AND attempt = $3 AND answer IS NULL",
    ("owner", "key", "attempt", "leased_until"),
)
_KEEP = Statement(
    "UPDATE idempotency_keys SET answer = $4 WHERE owner_id = $1 AND key = $2 AND attempt = $3 RETURNING attempt",
    ("owner", "key", "attempt", "answer"),
)
_RELEASE = Statement(
    "DELETE FROM idempotency_keys WHERE owner_id = $1 AND key = $2 AND attempt = $3 AND answer IS NULL",
    ("owner", "key", "attempt"),
)
_PRUNE = Statement("DELETE FROM idempotency_keys WHERE expires_at <= $1 RETURNING 1", ("now",))
_IN_USE = "Try again in a moment: the answer is told once there is one."


class PostgresIdempotencyKeys(IdempotencyKeys):
    def __init__(
        self, reader: Reader, transaction: Transaction, waiting: WaitingTransaction, clock: Clock, seal: AnswerSeal
    ) -> None:
        self._reader = reader
        self._transaction = transaction
        self._waiting = waiting
        self._clock = clock
        self._seal = seal
        self._claimed: tuple[KeyUse, UUID] | None = None

    async def claim(self, use: KeyUse) -> KeptAnswer | None:
        # Of this request from here on, whatever the task that began it waited for.
        WAITING.set(self._waiting)
        attempt, now = uuid4(), self._clock.now()
        claimed = await self._reader.fetch_one(
            _CLAIM,
            owner=use.owner,
            key=use.key,
            request=use.request,
            attempt=attempt,
            leased_until=now + LEASE,
            expires_at=now + LIFETIME,
            now=now,
        )
        if claimed is None:
            return await self._kept(use)
        self._claimed, self._waiting.wanted = (use, attempt), True
        return None

    async def _kept(self, use: KeyUse) -> KeptAnswer:
        found = await self._reader.fetch_one(_FIND, owner=use.owner, key=use.key)
        if found is not None and found["request"] != use.request:
            raise IdempotencyKeyReused("Take a new key for each new request.")
        if found is None or found["answer"] is None:
            raise IdempotencyKeyInUse(_IN_USE)
        return self._seal.open(use, found["answer"])

    async def renew(self) -> None:
        if self._claimed is None:
            return
        # Beside the request: what waits is not for this statement.
        apart = WAITING.set(None)
        try:
            await self._reader.fetch(_RENEW, **self._names(), leased_until=self._clock.now() + LEASE)
        finally:
            WAITING.reset(apart)

    async def keep(self, answer: KeptAnswer) -> None:
        assert self._claimed is not None, "claimed before"
        sealed = self._seal.seal(self._claimed[0], answer)
        try:
            with translated():
                arguments = _KEEP.arguments({**self._names(), "answer": sealed})
                if not await self._transaction.run(_KEEP.sql, arguments):
                    raise IdempotencyKeyInUse(_IN_USE)
                await self._transaction.commit()
        except BaseException:
            await asyncio.shield(self._undo())
            raise
        self._forget()

    async def release(self) -> None:
        if self._claimed is None:
            return
        await self._undo()
        await self._reader.fetch(_RELEASE, **self._names())
        self._claimed = None

    async def _undo(self) -> None:
        try:
            await self._transaction.roll_back()
        except Exception as fault:
            if translate(fault) is None:
                raise
        finally:
            self._forget()

    def _forget(self) -> None:
        self._waiting.transaction, self._waiting.wanted = None, False
        WAITING.set(None)

    def _names(self) -> dict[str, Any]:
        assert self._claimed is not None, "claimed before"
        use, attempt = self._claimed
        return {"owner": use.owner, "key": use.key, "attempt": attempt}

    async def prune(self) -> int:
        return len(await self._reader.fetch(_PRUNE, now=self._clock.now()))
