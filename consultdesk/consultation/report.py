"""The figures as one JSON document; scripts depend on its names, so none is ever changed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from consultdesk.consultation.figures import Discordance, Figures
from consultdesk.consultation.measures import RunChart, Spread
from consultdesk.consultation.working_time import CALENDAR_DAY_MS

Json = dict[str, object]


def as_json(figures: Figures) -> Json:
    """The report of `consultdesk report --json`: durations in days, shares 0 to 1, else null."""
    f = figures
    return {
        "period": {
            "from": _local(f.start, f.zone),
            "to": _local(f.stop, f.zone),
            "as_of": _utc(f.as_of),
            "zone": f.zone,
            "business_day_hours": _rounded(f.day_ms / 3_600_000),
        },
        "received": f.received,
        "released": f.released,
        "active_days": _in(f.opinion_active, f.day_ms),
        "calendar_days": _in(f.opinion_calendar, CALENDAR_DAY_MS),
        "intake_days": _in(f.intake_active, f.day_ms),
        "active_days_by_priority": {
            priority.value: {"n": found.n, **_in(found, f.day_ms)}
            for priority, found in f.by_priority.items()
        },
        "targets": {
            "days": {priority.value: days for priority, days in f.targets.days.items()},
            "margin": f.targets.margin,
            "p50": f.targets.p50,
            "p90": f.targets.p90,
        },
        "on_time": _rounded(f.on_time),
        "on_time_count": f.on_time_count,
        "on_time_of": f.on_time_of,
        "open": f.open,
        "overdue": f.overdue,
        "waiting": f.waiting,
        "open_by_age": dict(f.open_by_age),
        "declined_after_acceptance": f.declined_after_acceptance,
        "weekly": _weekly(f.weekly),
        "completeness": _rounded(f.completeness),
        "first_pass_complete": _rounded(f.first_pass),
        "released_to_others": f.released_to_others,
        "patient_only": f.patient_only,
        "delivered": f.delivered,
        "acknowledged": f.acknowledged,
        "loop_closure": _rounded(f.loop_closure),
        "discordance": [_discordance(item) for item in f.discordance],
        "consent": {
            "refused_at_gate": f.consent.refusals,
            "withheld": _rounded(f.withheld),
            "revoked_after_release": f.consent.revocations_after_release,
            "released_on_other_basis": f.consent.other_basis,
        },
        "red_flag_minutes": {
            "n": f.flags.minutes.n,
            **_in(f.flags.minutes, 1),
            "open": f.flags.open,
            "longest_open": _rounded(f.flags.longest_open),
        },
    }


def _in(found: Spread, unit: float) -> Json:
    named = {"p50": found.p50, "p75": found.p75, "p90": found.p90}
    return {name: _rounded(None if v is None else v / unit) for name, v in named.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _weekly(chart: RunChart) -> Json:
    weeks = [
        {"week": week.monday.isoformat(), "n": week.n, "active_days": _rounded(week.median)}
        for week in chart.weeks
    ]
    return {
        "weeks": weeks,
        "centre": _rounded(chart.centre),
        "signals": list(chart.signals),
        "rules": chart.rules,
    }


def _discordance(found: Discordance) -> Json:
    return {
        "specialty": found.specialty,
        "n": found.n,
        "different": found.different,
        "share": _rounded(found.share),
        "low": _rounded(found.low),
        "high": _rounded(found.high),
    }


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")


def _local(at: int, zone: str) -> str:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).isoformat()
