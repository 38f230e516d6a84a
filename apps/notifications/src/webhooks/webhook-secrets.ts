import { type PartnerId, type RuleId, Secret } from '@backhaul/domain';
import { openFromService, sealForServices } from '@backhaul/http';
import type { Tx } from '@backhaul/persistence';

const PURPOSE = 'webhook-secret';
/** So long receivers may still know the one of before. */
const OVERLAP = "interval '24 hours'";

interface Of {
  id: RuleId;
  partnerId: PartnerId;
}

/** What rules sign with: sealed under a key of the service, and bound to the rule. */
export class WebhookSecrets {
  /** @param serviceKey the text of SERVICE_TOKEN_KEY */
  constructor(private readonly serviceKey: string) {}

  /** In the transaction of its rule; one that was there is gone. */
  async put(tx: Tx, { id, partnerId }: Of, secret: Secret<string>): Promise<void> {
    await tx.query(
      `INSERT INTO webhook_secret (rule_id, partner_id, sealed) VALUES ($1, $2, $3)
       ON CONFLICT (rule_id) DO UPDATE SET sealed = excluded.sealed, replaced_sealed = NULL, replaced_until = NULL`,
      [id, partnerId, this.seal(id, secret)],
    );
  }

  /** One that was there signs beside it for a day. */
  async rotate(tx: Tx, { id, partnerId }: Of, secret: Secret<string>): Promise<void> {
    await tx.query(
      `INSERT INTO webhook_secret (rule_id, partner_id, sealed) VALUES ($1, $2, $3)
       ON CONFLICT (rule_id) DO UPDATE SET replaced_sealed = webhook_secret.sealed, replaced_until = now() + ${OVERLAP},
         sealed = excluded.sealed`,
      [id, partnerId, this.seal(id, secret)],
    );
  }

  async has(tx: Tx, { id }: Pick<Of, 'id'>): Promise<boolean> {
    return (await tx.query('SELECT 1 FROM webhook_secret WHERE rule_id = $1', [id])).length > 0;
  }

  /** The newest first; none where the rule has none or they do not open with our key. */
  async read(db: Pick<Tx, 'query'>, ruleId: RuleId): Promise<Secret<string>[]> {
    const [row] = await db.query<{ sealed: string; replaced: string | null }>(
      `SELECT sealed, CASE WHEN replaced_until > now() THEN replaced_sealed END AS replaced
       FROM webhook_secret WHERE rule_id = $1`,
      [ruleId],
    );
    return [row?.sealed, row?.replaced].flatMap((sealed) => {
      const secret = sealed ? openFromService(this.serviceKey, PURPOSE, ruleId, sealed) : null;
      return secret === null ? [] : [new Secret(secret)];
    });
  }

  private seal(id: RuleId, secret: Secret<string>): string {
    return sealForServices(this.serviceKey, PURPOSE, id, secret.reveal());
  }
}
