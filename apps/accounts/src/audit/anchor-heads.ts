import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, type PartnerId, PLATFORM, uuidv7 } from '@backhaul/domain';
import { auditHeads, type OutgoingRecord, toRecord } from '@backhaul/messaging';
import type { UnitOfWork } from '@backhaul/persistence';
import type { Logger } from '@backhaul/telemetry';
import type { Anchors } from './anchors.js';
import type { AuditRepository } from './audit.repository.js';
import { CheckAudit } from './check-audit.js';
import type { HeadSignature, UnsignedHead } from './head-signature.js';

/** Kafka may not have been read yet. */
const RETRY_MS = 10_000;

interface Around {
  anchors: Anchors;
  signature: HeadSignature;
  publish: (records: OutgoingRecord[]) => Promise<void>;
  clock: Clock;
  logger: Logger;
}

/**
 * Puts the end of each partner's audit log, signed, where who can write to the log cannot: into a topic that is kept for
 * ever, and into the lines that are logged. A log that no longer holds what was anchored gets no new anchor, which would
 * cover that up, until a person seals it.
 */
export class AnchorHeads {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private readonly check: CheckAudit;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRepository,
    private readonly around: Around,
  ) {
    this.check = new CheckAudit(audit, around.anchors);
  }

  start(everyMinutes: number): void {
    this.running = this.loop(everyMinutes * 60_000);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** How many logs got an anchor, and which no longer hold what was anchored. */
  async anchorAll(): Promise<{ anchored: number; wrong: string[] }> {
    const { clock, logger } = this.around;
    const said: { anchored: number; wrong: string[] } = { anchored: 0, wrong: [] };
    for (const partnerId of await this.partners()) {
      const { anchorState, anchor } = await this.check.against(partnerId);
      const { brokenAt, entries, head } = await this.audit.verify({ partnerId }, anchor);
      if (anchorState === 'shorter' || anchorState === 'differs' || brokenAt !== null) {
        logger.error(
          { partnerId, anchorState, brokenAt, anchored: anchor },
          'audit log is not what was anchored',
        );
        said.wrong.push(partnerId);
      } else if (head !== null && entries > (anchor?.entries ?? 0)) {
        await this.anchor({ partnerId, entries, head, at: clock.now().toISOString(), kind: 'regular' });
        said.anchored += 1;
      }
    }
    return said;
  }

  async anchor(head: UnsignedHead): Promise<void> {
    const signed = this.around.signature.sign(head);
    const id = uuidv7(this.around.clock.now().getTime());
    const { at: occurredAt, partnerId } = head;
    const envelope = { id, occurredAt, partnerId, correlationId: id, causationId: null };
    await this.around.publish([toRecord(auditHeads, signed, envelope)]);
    this.around.logger.info({ anchor: signed }, 'end of an audit log anchored');
  }

  /** Those that were anchored as well: their rows may be gone. */
  async partners(): Promise<PartnerId[]> {
    const rows = await this.unitOfWork.query<{ id: PartnerId }>('SELECT partner_id AS id FROM partner');
    const anchored = this.around.anchors.keys() as PartnerId[];
    return [...new Set([PLATFORM, ...rows.map(({ id }) => id), ...anchored])].sort();
  }

  private async loop(everyMs: number): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const isDone = this.around.anchors.isReady && (await this.attempt());
      await wait(isDone ? everyMs : Math.min(everyMs, RETRY_MS), undefined, { signal, ref: false }).catch(
        () => undefined,
      );
    }
  }

  private async attempt(): Promise<boolean> {
    try {
      await this.anchorAll();
      return true;
    } catch (error) {
      this.around.logger.warn({ err: error }, 'audit logs are not anchored yet; will be tried again');
      return false;
    }
  }
}
