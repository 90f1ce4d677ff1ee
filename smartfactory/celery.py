"""The Celery application: it only wakes workers; the jobs table holds the work (see smartfactory/jobs.py).

Everything named CELERY_… in the settings applies; what a worker process needs besides stands here. Three duties
return on their own: waiting jobs are swept up every 15 seconds, the audit trail gets a signed checkpoint every
5 minutes, and every hour the files of packets that have expired are removed.
"""

from __future__ import annotations

import os
import warnings

from celery import Celery
from celery.platforms import SecurityWarning

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smartfactory.settings")

# A demo machine runs everything as one user, sometimes root; docs/operations.md says how to do better.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("smartfactory")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_default_queue="smartfactory",
    # A pool child is replaced when it has grown past this, so one long packet does not weigh on the next job.
    worker_max_memory_per_child=int(os.environ.get("WORKER_MAX_MB", "300")) * 1024,
    worker_max_tasks_per_child=int(os.environ.get("WORKER_MAX_TASKS", "200")),
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    beat_schedule={
        # Without an expiry, wake-ups nobody reads would pile up while no worker runs.
        "sweep-jobs": {"task": "sweep_jobs", "schedule": 15.0, "options": {"expires": 15}},
        "purge-packets": {"task": "purge_packets", "schedule": 3600.0, "options": {"expires": 3600}},
        "checkpoint-audit": {"task": "checkpoint_audit", "schedule": 300.0, "options": {"expires": 300}},
    },
)
app.autodiscover_tasks(["smartfactory"])
