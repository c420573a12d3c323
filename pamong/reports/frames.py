"""The facts behind a report as pandas tables that an instructor may explore."""

from __future__ import annotations

import pandas as pd

from pamong.reports.standing import Standing


def frames(standing: Standing) -> dict[str, pd.DataFrame]:
    """Tables by name: ``people``, ``marks``, ``items`` and ``deals``.

    People are this cohort's; an edition without names has neither ``people`` nor rows of theirs in
    the other tables. ``items`` are over all cohorts in every edition.
    """
    people = standing.people if standing.named else ()
    mine = {person.id for person in people}
    everybody = standing.all
    return {
        "people": pd.DataFrame(
            [
                {
                    "participant": person.id,
                    "name": person.name,
                    "role": person.role,
                    "region": person.region,
                    "final": everybody.final[everybody.row[person.id]],
                }
                for person in people
            ],
            columns=["participant", "name", "role", "region", "final"],
        ),
        "marks": pd.DataFrame(
            [
                {
                    "participant": person.id,
                    "module": module,
                    "exercise": cell,
                    "percent": values[everybody.row[person.id]],
                }
                for person in people
                for (module, cell), values in everybody.cells.items()
            ],
            columns=["participant", "module", "exercise", "percent"],
        ).astype({"percent": float}),
        "items": pd.DataFrame(
            [
                {
                    "module": item.module,
                    "exercise": item.exercise,
                    "item": item.id,
                    "people": item.people,
                    "easiness": item.easiness,
                    "discrimination": item.discrimination,
                    "flag": item.flag,
                }
                for item in everybody.items
            ],
            columns=[
                "module", "exercise", "item", "people", "easiness", "discrimination", "flag"
            ],
        ),
        "deals": pd.DataFrame(
            [
                {
                    "participant": deal.participant,
                    "exercise": deal.exercise,
                    "agreed": deal.agreed,
                    "within": deal.within,
                    "own": deal.own,
                    "other": deal.other,
                    "left": deal.left,
                }
                for deal in standing.deals
                if deal.participant in mine
            ],
            columns=["participant", "exercise", "agreed", "within", "own", "other", "left"],
        ),
    }  # fmt: skip
