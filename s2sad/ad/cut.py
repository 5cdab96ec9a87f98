"""The minimum cut of a flow network, nearest to the sink (Edmonds and Karp)."""

from __future__ import annotations

from collections import deque

FOREVER = 1 << 60
SOURCE, SINK = "source", "sink"
Node = object


class Graph:
    """A flow network, with the cut that lies nearest to the sink."""

    def __init__(self) -> None:
        self.capacity: dict[Node, dict[Node, int]] = {SOURCE: {}, SINK: {}}

    def edge(self, a: Node, b: Node, capacity: int) -> None:
        out = self.capacity.setdefault(a, {})
        out[b] = out.get(b, 0) + capacity
        self.capacity.setdefault(b, {}).setdefault(a, 0)

    def cut(self) -> set[Node]:
        """The nodes on the sink's side of a minimum cut (Edmonds and Karp)."""
        while True:
            path = self._augmenting()
            if path is None:
                break
            flow = min(self.capacity[a][b] for a, b in path)
            for a, b in path:
                self.capacity[a][b] -= flow
                self.capacity[b][a] += flow
        side: set[Node] = {SINK}
        work: list[Node] = [SINK]
        while work:
            node = work.pop()
            for other in self.capacity[node]:
                if other not in side and self.capacity[other][node] > 0:
                    side.add(other)
                    work.append(other)
        return side

    def _augmenting(self) -> list[tuple[Node, Node]] | None:
        before: dict[Node, Node] = {SOURCE: SOURCE}
        queue: deque[Node] = deque([SOURCE])
        while queue:
            node = queue.popleft()
            for other, room in self.capacity[node].items():
                if room > 0 and other not in before:
                    before[other] = node
                    if other == SINK:
                        return self._trace(before)
                    queue.append(other)
        return None

    @staticmethod
    def _trace(before: dict[Node, Node]) -> list[tuple[Node, Node]]:
        path: list[tuple[Node, Node]] = []
        node: Node = SINK
        while node != SOURCE:
            path.append((before[node], node))
            node = before[node]
        return path
