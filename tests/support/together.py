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
