import { counter, gauge } from '@backhaul/telemetry';
import type { DataSource } from 'typeorm';
import type { Raised } from './raise-alarms.handler.js';

interface Figures {
  scanAge: number;
  watermarkAge: number;
  holds: number;
}

const READ = `
  SELECT extract(epoch FROM clock_timestamp() - (SELECT min(looked_at) FROM schedule_bucket))::float8 AS "scanAge",
    extract(epoch FROM clock_timestamp() - (SELECT beat_at FROM ingest_watch))::float8 AS "watermarkAge",
    (SELECT count(*) FROM alarm_hold WHERE releases_at > clock_timestamp())::int AS holds`;

/** What an operator watches of who watches. The gauges are of the database, and so told alike by every process. */
export class ScheduleMetrics {
  private readonly raised = counter(
    'backhaul_missed_alarms_total',
    'Backups that were found missing, by type',
    ['type'],
  );
  private readonly held = counter(
    'backhaul_missed_alarms_held_total',
    'Alarms held, as too many came at once',
  );
  private readonly excused = counter(
    'backhaul_missed_alarms_excused_total',
    'Alarms put off, as the report may have come while ingestion was away',
  );
  private readonly poisoned = counter(
    'backhaul_missed_alarms_set_aside_total',
    'Alarms that cannot be made, put off by an hour',
  );

  note({ raised, held, excused, poisoned }: Raised): void {
    for (const type of raised) this.raised.inc({ type });
    this.held.inc(held);
    this.excused.inc(excused);
    this.poisoned.inc(poisoned);
  }

  watch(dataSource: DataSource): void {
    const watermark = gauge('backhaul_ingest_watermark_age_seconds', 'Since when nobody knows what came in');
    const holds = gauge(
      'backhaul_missed_alarm_holds',
      'Partners whose alarms are held; all of them count as one',
    );
    gauge(
      'backhaul_schedule_scan_age_seconds',
      'Since the oldest look for missed backups',
      [],
      async (self) => {
        // While the database is away nobody looks: the figures grow old, and readiness tells why.
        const [row] = await dataSource.query<Figures[]>(READ).catch(() => []);
        if (!row) return;
        self.set(row.scanAge);
        watermark.set(row.watermarkAge);
        holds.set(row.holds);
      },
    );
  }
}
