"""What a race must never leave behind, asked of the rows as they are committed."""

from recommendations.models import RankMove, RecommendationList


def ranks(one):
    """Say what is wrong with the order of a list: gaps, doubles, a count that is not true."""
    one = RecommendationList.objects.get(pk=one.pk)
    found = sorted(one.entries.values_list("rank", flat=True))
    wrong = []
    if found != list(range(1, len(found) + 1)):
        wrong.append(f"ranks {found}")
    if one.size != len(found):
        wrong.append(f"size {one.size}, entries {len(found)}")
    return wrong


def quota(one):
    """Say by how much a list is over its limit, leaving out what does not count."""
    one = RecommendationList.objects.get(pk=one.pk)
    counted = sum(entry.counts for entry in one.entries.all())
    return [f"{counted} of {one.quota_limit}"] if counted > one.quota_limit else []


def log(one):
    """Say where the list differs from what replaying its own log of moves gives."""
    order = []
    for move in RankMove.objects.filter(list=one).order_by("pk"):
        if move.from_rank:
            order.remove(move.declaration_id)
        if move.to_rank:
            order.insert(move.to_rank - 1, move.declaration_id)
    live = list(one.entries.order_by("rank").values_list("declaration_id", flat=True))
    return [] if order == live else [f"log {order}, list {live}"]
