"""The workspace graph: what SPARQL sees of the ledger's current records."""

from warranted.errors import InputError
from warranted.graph.embedded import EmbeddedGraph
from warranted.graph.follow import Follower
from warranted.graph.port import GraphPort
from warranted.settings import Settings

__all__ = ["EmbeddedGraph", "Follower", "GraphPort", "open_graph"]


def open_graph(settings: Settings) -> GraphPort:
    """The graph the settings name: Oxigraph in `data`, or an engine that speaks SPARQL 1.1.

    Raises:
        StoreLocked, StoreUnavailable: the embedded one cannot be opened.
        InputError: the settings name one endpoint without the other.
    """
    if not settings.graph_query and not settings.graph_update:
        return EmbeddedGraph(settings.data / "graph")
    if not settings.graph_query or not settings.graph_update:
        missing = "graph_update" if settings.graph_query else "graph_query"
        raise InputError(
            "A remote graph needs a query and an update endpoint.",
            field=missing,
            fix=f"Set {missing}, too.",
        )
    from warranted.graph.remote import RemoteGraph

    return RemoteGraph(
        settings.graph_query,
        settings.graph_update,
        settings.graph_store,
        user=settings.graph_user,
        password=settings.graph_password,
        most=settings.query_bytes,
    )
