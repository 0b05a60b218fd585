"""An Airflow 3 DAG: new dumps every quarter of an hour, small parts put together once a week. See docs/cron.md.

A task that is killed or retried does no harm: the next run goes on where it was cut off. Exit code 75 (another run
holds the dataset) skips the task, 3 (done, some records were rejected) is a success here; watch the metrics for those.
"""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

INGEST = "/opt/ingest/.venv/bin/ingest"
LOCKED = 75
RUN = f"""
{INGEST} run /srv/dumps -o /srv/corpus --settle 60 --log-format json && exit 0
code=$?
[ $code -eq 3 ] || exit $code
"""

common = {"retries": 2, "retry_delay": timedelta(minutes=5)}

with DAG(
    "ingest",
    schedule="*/15 * * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args=common,
):
    BashOperator(
        task_id="run",
        bash_command=RUN,
        skip_on_exit_code=LOCKED,
    ) >> BashOperator(
        task_id="check",
        bash_command=f"{INGEST} status /srv/corpus --max-age 7200",
    )

with DAG(
    "ingest_compact",
    schedule="40 4 * * 0",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args=common,
):
    BashOperator(task_id="compact", bash_command=f"{INGEST} compact /srv/corpus --wait")
