import { type HandlerId, type PartnerId, type RuleId, Secret } from '@backhaul/domain';
import { openFromService, sealForServices } from '@backhaul/http';
import type { Tx } from '@backhaul/persistence';

const PURPOSE = 'webhook-secret';
/** So long receivers may still know the one of before. */
const OVERLAP = "interval '24 hours'";

type OwnerId = RuleId | HandlerId;

export interface SecretOwner {
  id: OwnerId;
  partnerId: PartnerId;
}

/** Where the secrets of whom stand. */
const OF = {
  rules: { table: 'webhook_secret', owner: 'rule_id' },
  handlers: { table: 'event_handler_secret', owner: 'handler_id' },
} as const;

/** What rules or event handlers sign with: sealed under a key of the service, and bound to its owner. */
export class WebhookSecrets {
  private readonly table: string;
  private readonly owner: string;

  /** @param serviceKey the text of SERVICE_TOKEN_KEY */
  constructor(
    private readonly serviceKey: string,
    of: keyof typeof OF = 'rules',
  ) {
    ({ table: this.table, owner: this.owner } = OF[of]);
  }

  /** In the transaction of its owner; one that was there is gone. */
  async put(tx: Tx, { id, partnerId }: SecretOwner, secret: Secret<string>): Promise<void> {
    await tx.query(
      `INSERT INTO ${this.table} (${this.owner}, partner_id, sealed) VALUES ($1, $2, $3)
       ON CONFLICT (${this.owner}) DO UPDATE SET sealed = excluded.sealed, replaced_sealed = NULL, replaced_until = NULL`,
      [id, partnerId, this.seal(id, secret)],
    );
  }

  /** One that was there signs beside it for a day. */
  async rotate(tx: Tx, { id, partnerId }: SecretOwner, secret: Secret<string>): Promise<void> {
    await tx.query(
      `INSERT INTO ${this.table} (${this.owner}, partner_id, sealed) VALUES ($1, $2, $3)
       ON CONFLICT (${this.owner}) DO UPDATE SET replaced_sealed = ${this.table}.sealed, replaced_until = now() + ${OVERLAP},
         sealed = excluded.sealed`,
      [id, partnerId, this.seal(id, secret)],
    );
  }

  async has(tx: Tx, { id }: Pick<SecretOwner, 'id'>): Promise<boolean> {
    return (await tx.query(`SELECT 1 FROM ${this.table} WHERE ${this.owner} = $1`, [id])).length > 0;
  }

  /** The newest first; none where the rule has none or they do not open with our key. */
  async read(db: Pick<Tx, 'query'>, id: OwnerId): Promise<Secret<string>[]> {
    const [row] = await db.query<{ sealed: string; replaced: string | null }>(
      `SELECT sealed, CASE WHEN replaced_until > now() THEN replaced_sealed END AS replaced
       FROM ${this.table} WHERE ${this.owner} = $1`,
      [id],
    );
    return [row?.sealed, row?.replaced].flatMap((sealed) => {
      const secret = sealed ? openFromService(this.serviceKey, PURPOSE, id, sealed) : null;
      return secret === null ? [] : [new Secret(secret)];
    });
  }

  private seal(id: OwnerId, secret: Secret<string>): string {
    return sealForServices(this.serviceKey, PURPOSE, id, secret.reveal());
  }
}
