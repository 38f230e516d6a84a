import { type BrandId, systemClock, uuidFrom } from '@backhaul/domain';
import { sealForServices } from '@backhaul/http';
import { mailRequests, type MailRequestPayload } from '@backhaul/messaging';
import { type AuditTrail, outboxMessage, publishAll, type Tx, type UnitOfWork } from '@backhaul/persistence';
import { Logger } from '@nestjs/common';
import { type Person, subjectOf } from '../people/person.js';
import type { PersonRepository } from '../people/person.repository.js';
import type { PasswordResetRepository, ResetRequest } from './password-reset.repository.js';

const EVERY_MS = 2000;
const MAIL = 'password-reset';

/**
 * Answers requests for a new password behind the back of whoever asked: who a name belongs to, and whether to anybody,
 * shows neither in the answer nor in its time. Each request is a transaction, so a crash leaves it to be done again.
 */
export class IssueResetsHandler {
  private readonly logger = new Logger('PasswordResets');
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly resets: PasswordResetRepository,
    private readonly people: PersonRepository,
    private readonly audit: AuditTrail,
    private readonly serviceTokenKey: string,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => this.wake(), EVERY_MS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.running;
  }

  /** Does what waits, soon. */
  wake(): void {
    this.running ??= this.drain()
      .catch((error: unknown) => this.logger.warn(`requests stay for now: ${String(error)}`))
      .finally(() => (this.running = null));
  }

  /** Does all that waits now. */
  async drain(): Promise<void> {
    while (await this.unitOfWork.run((tx) => this.answerOne(tx)));
  }

  private async answerOne(tx: Tx): Promise<boolean> {
    const request = await this.resets.take(tx);
    if (!request) return false;
    for (const person of await this.people.findAcrossTenants(request.username))
      if (person.contact && !person.isSuspended) await this.mail(tx, request, person, person.contact);
    return true;
  }

  private async mail(tx: Tx, request: ResetRequest, person: Person, contact: string): Promise<void> {
    const { token, expiresAt } = await this.resets.issue(tx, person.personId);
    const { partnerId, accountNo, username } = person;
    const requestId = uuidFrom(request.requestId, person.personId);
    const payload: MailRequestPayload = {
      requestId,
      partnerId,
      accountNo,
      brandId: await brandOf(tx, person),
      to: [contact],
      mail: MAIL,
      username,
      sealed: sealForServices(this.serviceTokenKey, MAIL, requestId, token),
      expiresAt: expiresAt.toISOString(),
    };
    const occurredAt = systemClock.now().toISOString();
    const envelope = { id: requestId, occurredAt, partnerId, correlationId: requestId, causationId: null };
    await publishAll(tx, [outboxMessage(mailRequests, payload, envelope)]);
    const [kind = '', id = ''] = subjectOf(person).split(':');
    await this.audit.record(tx, partnerId, { action: `${kind}.password-reset-link`, target: { kind, id } });
  }
}

async function brandOf(tx: Tx, { partnerId, accountNo }: Person): Promise<BrandId | null> {
  if (accountNo === null) return null;
  const [row] = await tx.query<{ brandId: BrandId }>(
    `SELECT c.brand_id AS "brandId" FROM account a JOIN customer c USING (partner_id, cust_id)
     WHERE a.partner_id = $1 AND a.account_no = $2`,
    [partnerId, accountNo],
  );
  return row?.brandId ?? null;
}
