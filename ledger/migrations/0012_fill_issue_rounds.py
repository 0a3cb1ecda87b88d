"""What each resolved round was, told by its steps; the current one by the issue itself."""

from django.db import migrations

CHUNK = 2_000
STEPS = ("assign", "resolve", "call_back", "close")


def fill(apps, schema_editor):
    Issue = apps.get_model("ledger", "Issue")
    ids = list(Issue.objects.filter(resolved_at__isnull=False).values_list("pk", flat=True))
    ids += list(Issue.objects.filter(resolved_at__isnull=True, round__gt=1).values_list("pk", flat=True))
    for at in range(0, len(ids), CHUNK):
        _fill(apps, ids[at : at + CHUNK])


def _fill(apps, ids):
    Issue, IssueRound = apps.get_model("ledger", "Issue"), apps.get_model("ledger", "IssueRound")
    issues = Issue.objects.in_bulk(ids)
    earlier = {}
    steps = apps.get_model("ledger", "IssueStep").objects.filter(issue_id__in=ids, step__in=STEPS)
    for step in steps.order_by("issue_id", "pk"):
        if step.round < issues[step.issue_id].round:
            _add(earlier.setdefault((step.issue_id, step.round), {}), step)
    rows = [
        IssueRound(issue_id=issue, round=number, **facts)
        for (issue, number), facts in earlier.items()
        if "resolved_at" in facts
    ]
    rows += [_current(IssueRound, issue) for issue in issues.values() if issue.resolved_at is not None]
    IssueRound.objects.bulk_create(rows, batch_size=CHUNK)


def _add(facts, step):
    """One step of an earlier round; a later one of the same kind stands."""
    if step.step == "assign":
        facts.setdefault("first_due_on", step.due_on)
        facts |= {"assigned_at": step.at, "lead_organisation_id": step.to_organisation_id}
    elif step.step == "resolve":
        facts |= {
            "due_on": step.due_on, "resolved_at": step.at, "resolved_by_id": step.by_id,
            "in_time": step.data.get("in_time"), "outcomes": step.data.get("outcomes", []), "result_text": step.text,
        }  # fmt: skip
    elif step.step == "call_back":
        facts |= {"answer": step.data.get("answer", ""), "called_back_at": step.at, "called_back_by_id": step.by_id}
    else:
        facts |= {"closed_at": step.at, "closed_by_id": step.by_id, "close_basis": step.data.get("basis", "")}


def _current(model, issue):
    return model(
        issue=issue, round=issue.round, assigned_at=issue.assigned_at, first_due_on=issue.first_due_on,
        due_on=issue.due_on, lead_organisation_id=issue.lead_organisation_id, resolved_at=issue.resolved_at,
        resolved_by_id=issue.resolved_by_id, in_time=issue.resolved_in_time, outcomes=issue.outcomes,
        result_text=issue.result_text, answer=issue.answer, called_back_at=issue.called_back_at,
        called_back_by_id=issue.called_back_by_id, closed_at=issue.closed_at, closed_by_id=issue.closed_by_id,
        close_basis=issue.close_basis,
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("ledger", "0011_issue_steps_whole")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
