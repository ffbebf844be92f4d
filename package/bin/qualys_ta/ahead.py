"""Pages in ascending order, fetched side by side: several lanes fetch, one writer takes.

The first chain is where the pull goes on. What is left of the pull may be cut into parts, each a chain of its own.

    lanes  ──fetch──►  chain 1: page page …  ──►  one after the other  ──►  writer
                       chain 2: page …
                       chain 3: (being fetched)

Whatever a lane meets, the writer gets all pages before it first, then the lane's error; after a refused login, those
that are there. Nothing waits for ever: the writer looks after the lanes, which are daemons.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Optional

from .chains import Chain, Course, Fetch, Fetched, first_error, give_up, next_in_range
from .errors import AuthError, ConfigError
from .model import Page, Request

QUOTA = "temp_quota_mb"
LOOK_S = 1.0
END_S = 1.0
"""How long the end of a run waits for lanes that are still at it. What they leave is swept by the next run."""


@dataclass(frozen=True)
class Ahead:
    """At most `lanes` pages are being fetched at once; at most `most` wait or are fetched beside the one in hand.

    `course` says what there is to fetch; if it cuts nothing, the pages of one chain follow each other, fetched ahead.
    `end` tells those who fetch that nobody waits for them any more.
    """

    lanes: int
    most: int
    course: Course = field(default_factory=Course)
    end: Callable[[], None] = lambda: None

    def __call__(self, fetch: Fetch, first: Request) -> Generator[Fetched, None, None]:
        line = _Line(self, fetch, first)
        try:
            yield from line.pages()
        finally:
            line.close()


class _Line:
    """The state that lanes and writer share, and the lanes themselves. All of it is behind `_changed`."""

    def __init__(self, plan: Ahead, fetch: Fetch, first: Request) -> None:
        self._plan = plan
        self._fetch = fetch
        self._most = plan.most
        self._changed = threading.Condition()
        self._source = plan.course.cut(None, first)
        self._chains = deque([Chain(None if self._source else first)])
        self._is_cut = self._source is not None
        self._drawing = False
        self._in_flight = 0
        self._in_hand: Optional[Page] = None
        self._closed = False
        self._locked_out: Optional[BaseException] = None
        self._lanes = [threading.Thread(target=self._lane, daemon=True) for _ in range(plan.lanes)]

    # The writer's side.

    def pages(self) -> Iterator[Fetched]:
        with suppress(RuntimeError):  # fewer threads will do; without any the first look tells
            for lane in self._lanes:
                lane.start()
        while True:
            fetched = self._take()
            if fetched is None:
                return
            yield fetched

    def _take(self) -> Optional[Fetched]:
        """Wait for the next page in order. Raises what its lane met."""
        with self._changed:
            self._in_hand = None
            self._changed.notify_all()
            while True:
                while self._chains and self._chains[0].is_over:
                    self._chains.popleft()
                if not self._chains and not self._source:
                    return None
                if self._locked_out and not (self._chains and self._chains[0].pages):
                    raise self._locked_out
                if self._chains and (self._chains[0].pages or self._chains[0].error):
                    request, self._in_hand = self._chains[0].take()
                    self._changed.notify_all()
                    return Fetched(self._in_hand, self._plan.course.following(request, self._in_hand))
                if not any(lane.is_alive() for lane in self._lanes):
                    raise first_error(self._chains) or RuntimeError("no thread is left, or to be had, that downloads")
                self._changed.wait(LOOK_S)

    def close(self) -> None:
        """No page that waits stays, nor one whose writer was stopped, and no lane starts anything again."""
        self._closed = True
        with self._changed:
            self._changed.notify_all()
            at_work = self._in_flight or self._drawing
        if at_work:
            self._plan.end()
        end_at = time.monotonic() + END_S
        for lane in self._lanes:
            if lane.is_alive():
                lane.join(max(0.0, end_at - time.monotonic()))
        with self._changed:
            give_up(self._chains)
        with suppress(OSError):  # it is gone already where the writer was not stopped in the middle
            if self._in_hand:
                self._in_hand.discard()

    # The lanes' side.

    def _lane(self) -> None:
        try:
            while self._work():
                pass
        except BaseException as error:  # noqa: BLE001 - a lane that ends silently would be waited for in vain
            with self._changed:
                self._chains.append(Chain(None, error=error))
                self._changed.notify_all()

    def _work(self) -> bool:
        """One thing of what is to be done; False when all is over."""
        with self._changed:
            chain = self._chosen()
            while chain is None and not self._closed and not self._may_draw():
                self._changed.wait()
                chain = self._chosen()
            if self._closed:
                return False
            self._drawing = self._drawing or chain is None
            if chain:
                self._start(chain)
        self._fetch_of(chain) if chain else self._draw()
        return True

    def _start(self, chain: Chain) -> None:
        chain.crowded = bool(self._ahead or self._in_hand)
        for other in self._chains:
            other.crowded |= other.busy
        chain.busy = True
        self._in_flight += 1

    @property
    def _ahead(self) -> int:
        return self._in_flight + sum(len(chain.pages) for chain in self._chains)

    def _chosen(self) -> Optional[Chain]:
        """The first chain that may be fetched from. What the writer waits for goes before everything else."""
        if self._locked_out:
            return None
        for place, chain in enumerate(self._chains):
            is_next = place == 0 and not chain.pages and not self._in_hand
            if chain.error or (place == 0 and chain.refused):
                return self._alone(chain) if is_next and not chain.error else None
            if chain.request is None or chain.busy or chain.refused:
                continue
            if is_next or self._ahead < self._most:
                return chain
        return None

    def _alone(self, chain: Chain) -> Optional[Chain]:
        """The chain, as soon as nothing else takes room: what was fetched ahead is fetched again later."""
        if self._in_flight:
            return None
        give_up(other for other in self._chains if other is not chain)
        return chain

    def _may_draw(self) -> bool:
        stopped = self._locked_out or any(chain.error or chain.refused for chain in self._chains)
        return bool(self._source) and not self._drawing and not stopped and self._ahead < self._most

    def _draw(self) -> None:
        """One more chain from the ranges, which may have to be asked for first."""
        drawn: Optional[Chain] = None
        try:
            request = next(self._source, None) if self._source else None
            drawn = Chain(request) if request else None
        except Exception as error:  # noqa: BLE001 - the writer raises it when its turn comes
            drawn = Chain(None, error=error)
        with self._changed:
            self._drawing = False
            if drawn:
                self._chains.append(drawn)
            if not drawn or drawn.error:
                self._source = None
            self._changed.notify_all()

    def _fetch_of(self, chain: Chain) -> None:
        request, page, after, error = chain.request, None, None, None
        try:
            if request:
                page = self._fetch(request)
                after = next_in_range(request, page)
        except BaseException as raised:  # noqa: BLE001 - the writer raises it when its turn comes
            error = raised
        with self._changed:
            self._in_flight -= 1
            chain.busy = False
            if error:
                self._failed(chain, error)
            elif page and request:
                self._keep(chain, request, page, after)
            self._changed.notify_all()

    def _keep(self, chain: Chain, request: Request, page: Page, after: Optional[Request]) -> None:
        chain.refused = False
        chain.request = after
        chain.pages.append((request, page))
        if self._closed:
            chain.give_up()
        elif not self._is_cut:
            self._go_on(chain, request, after)

    def _go_on(self, chain: Chain, request: Request, after: Optional[Request]) -> None:
        """The first chain goes on with what is left, or ends where that is cut into parts."""
        chain.request = after or self._plan.course.rest(request)
        if chain.request:
            self._source = self._plan.course.cut(request, chain.request)
        if self._source:
            self._is_cut, chain.request = True, None

    def _failed(self, chain: Chain, error: BaseException) -> None:
        """Keep the error for its turn.

        A page that did not fit beside others is no error yet: it is tried alone, and less is fetched ahead from now on.
        After a login that was refused nothing more is sent, because accounts lock.
        """
        if isinstance(error, AuthError) and not self._locked_out:
            self._locked_out = error
            self._plan.end()
        if isinstance(error, ConfigError) and error.setting == QUOTA and chain.crowded and not chain.refused:
            chain.refused = True
            self._most = max(1, self._most // 2)
            return
        chain.error = error
