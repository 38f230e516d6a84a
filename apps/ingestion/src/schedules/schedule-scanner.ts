import { Repeated } from '@backhaul/persistence';
import type { Logger } from '@backhaul/telemetry';
import type { FollowLogHandler } from './follow-log.handler.js';
import { AT_ONCE, type RaiseAlarmsHandler, type Raised } from './raise-alarms.handler.js';
import type { WayIn } from './way-in.js';

const LOOK_EVERY_MS = 2000;
const BEAT_EVERY_MS = 5000;

export interface ScannerParts {
  follow: FollowLogHandler;
  raise: RaiseAlarmsHandler;
  wayIn: WayIn;
  /** The database's clock: the one authority where several processes compare times. */
  now: () => Promise<Date>;
  logger: Logger;
  onLook: (raised: Raised) => void;
  /** Events stand in the log that nobody reported. */
  onRaised: () => void;
}

/** Follows the log, looks for what is due, and tells that reports can come in. Each process does so; they share the work. */
export class ScheduleScanner {
  private readonly looks: Repeated;
  private readonly beats: Repeated;

  constructor(private readonly parts: ScannerParts) {
    const warn = (message: string) => (error: unknown) => parts.logger.warn({ err: error }, message);
    this.looks = new Repeated(
      () => this.look(),
      LOOK_EVERY_MS,
      warn('missed backups cannot be looked for; will be tried again'),
    );
    this.beats = new Repeated(
      () => this.beat(),
      BEAT_EVERY_MS,
      warn('no beat of the way in; will be tried again'),
    );
  }

  start(): void {
    this.beats.start();
    this.looks.start();
  }

  /** Before the way in closes: from then on what does not come proves nothing. */
  stopBeating(): Promise<void> {
    return this.beats.stop();
  }

  stop(): Promise<void> {
    return this.looks.stop();
  }

  /** One look; answers whether there is more to do at once. */
  async look(): Promise<boolean> {
    const { follow, raise, now, onLook, onRaised } = this.parts;
    const at = await now();
    const { buckets, hasMore } = await follow.handle(at, LOOK_EVERY_MS);
    for (let looked = AT_ONCE; buckets.length > 0 && looked === AT_ONCE;) {
      const raised = await raise.handle(buckets, at);
      looked = raised.looked;
      onLook(raised);
      if (raised.raised.length > 0) onRaised();
    }
    return hasMore;
  }

  private async beat(): Promise<boolean> {
    const { wayIn, now, logger } = this.parts;
    const outage = await wayIn.beat(await now());
    if (outage)
      logger.info(
        { from: new Date(outage.fromMs), to: new Date(outage.toMs) },
        'reports may not have come in',
      );
    return false;
  }
}
