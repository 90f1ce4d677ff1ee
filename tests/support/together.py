"""Several actors at the same moment, each in a thread with a database connection of its own."""

import threading

from django.db import connections


def together(*acts, seconds=240):
    """Run the functions at once; return, in their order, what each returned or the exception it raised.

    Needs committed data: use the `transactional_db` fixture, never plain `db`.
    """
    gate = threading.Barrier(len(acts))
    results = [None] * len(acts)

    def run(index, act):
        try:
            gate.wait(seconds)
            results[index] = act()
        except Exception as error:  # what went wrong is the result
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    assert not any(thread.is_alive() for thread in threads), "an actor is still waiting"
    return results


def at_once(act, actors, seconds=60):
    """`act`, which begins only when all actors have come to it: what each had looked at before was still true.

    Only an actor's first call waits; what the act itself calls again goes on.
    """
    gate, mine = threading.Barrier(actors), threading.local()

    def begin(*args, **more):
        if not hasattr(mine, "came"):
            mine.came = True
            gate.wait(seconds)
        return act(*args, **more)

    return begin
