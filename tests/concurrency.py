"""Running the same moment in several threads, each on a database connection of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from candidates.refusals import Refusal


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all acts together; each one's result or the exception it raised, in the order given."""
    results: list[Any] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def beside(act: Callable[[], Any], seconds: float = 1.0) -> Callable[[], Any]:
    """Start an act, and give it so long to get through while whoever calls stands still. Its result, when asked for."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(act())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(seconds)

    def result() -> Any:
        thread.join()
        return results[0]

    return result


def refusals(results: Sequence[Any]) -> list[str]:
    """The codes of those that were refused; anything else that went wrong is raised."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, Refusal):
            raise result
    return sorted(result.code for result in results if isinstance(result, Refusal))
