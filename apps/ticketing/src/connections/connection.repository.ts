import { Batcher, type ConnectionPayload, type Provider, type TicketingSettings } from '@backhaul/messaging';
import { publishAll, rowsOf, type Tx, UnitOfWork } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { breakerMessage, type Turned } from './breaker-message.js';
import { checkMessage, type Checked } from './check-message.js';

export interface KnownConnection {
  connectionId: string;
  partnerId: string;
  /** Grows with the credentials. */
  version: string;
  endpoint: Record<string, string | null>;
  sealedSecret: string;
  isEnabled: boolean;
  ticketing: TicketingSettings;
  /** Approved addresses beside EGRESS_ALLOW. */
  egress: string[];
  /** Without credentials that work until the partner gives API keys. */
  needsChange: boolean;
  breaker: 'closed' | 'open' | 'half_open';
  /** Nothing is wrong with it and it is called at its full rate: a success is no news. */
  isWell: boolean;
}

interface Row extends Omit<KnownConnection, 'endpoint' | 'ticketing' | 'egress'> {
  endpoint: string;
  ticketing: string;
  egress: string;
}

export interface Limits {
  maxRatePerMinute: number;
  maxInFlight: number;
}

const COLUMNS = `connection_id AS "connectionId", partner_id AS "partnerId", version, endpoint, sealed_secret AS "sealedSecret", is_enabled AS "isEnabled", ticketing, egress, needs_change AS "needsChange", breaker,
  trouble IS NULL AND rate_per_minute >= max_rate_per_minute AS "isWell"`;

const known = (row: Row): KnownConnection => ({
  ...row,
  endpoint: JSON.parse(row.endpoint) as KnownConnection['endpoint'],
  ticketing: JSON.parse(row.ticketing) as TicketingSettings,
  egress: JSON.parse(row.egress) as string[],
});

const CLEARED_BY_NEW_VERSION = Object.entries({
  resume_at: "'-infinity'",
  trouble: 'NULL',
  breaker: "'closed'",
  breaker_opens: '0',
  rejected: 'NULL',
})
  .map(
    ([column, value]) =>
      `${column} = CASE WHEN c.version <> excluded.version THEN ${value} ELSE c.${column} END`,
  )
  .join(', ');

/**
 * A partner who disconnects and connects again keeps the open problems. Ids of tickets belong to the old PSA, which the
 * new one need not be: they are forgotten, and the tickets found again by their markers, which are unlike any other.
 */
const TAKE_OVER = [
  `INSERT INTO lane (lane_key, connection_id, partner_id, cust_id, account_no, state)
   SELECT $2::uuid || '|' || account_no, $2, partner_id, max(cust_id), account_no, 'ready' FROM lane
   WHERE partner_id = $1 AND connection_id <> $2 GROUP BY partner_id, account_no
   ON CONFLICT (lane_key) DO UPDATE SET state = 'ready' WHERE lane.state = 'idle'`,
  `UPDATE command SET lane_key = $2::uuid || '|' || l.account_no FROM lane l
   WHERE l.lane_key = command.lane_key AND l.partner_id = $1 AND l.connection_id <> $2`,
  `UPDATE incident SET connection_id = $2, ticket_id = NULL, ticket_number = NULL, ticket_url = NULL, ticket_place = NULL
   WHERE partner_id = $1 AND connection_id <> $2 AND (state = 'open' OR EXISTS (
     SELECT 1 FROM command c WHERE c.incident_id = incident.incident_id AND c.status IN ('planned', 'sending', 'unknown')))`,
  `DELETE FROM lane WHERE partner_id = $1 AND connection_id <> $2`,
];

/** What the PSA does not accept is in doubt until it accepts it, whatever befalls it meanwhile: many tries lock people out. */
const troubleNow = (trouble: 'unreachable' | 'rate_limited'): string =>
  `trouble = CASE WHEN trouble = 'credential' THEN trouble ELSE '${trouble}' END`;

/** The links to the PSA, what their partners told of them and how they fare. */
export class ConnectionRepository {
  private readonly reads = new Batcher<string, KnownConnection | null>({
    run: (connectionIds) => this.read(connectionIds),
    slots: 2,
  });

  private readonly unitOfWork: UnitOfWork;

  constructor(
    private readonly dataSource: DataSource,
    private readonly limits: Limits,
    private readonly provider: Provider,
  ) {
    this.unitOfWork = new UnitOfWork(dataSource);
  }

  async ofPartners(tx: Tx, partnerIds: readonly string[]): Promise<Map<string, KnownConnection>> {
    const rows = await tx.query<Row>(`SELECT ${COLUMNS} FROM psa_connection WHERE partner_id = ANY($1)`, [
      partnerIds,
    ]);
    return new Map(rows.map((row) => [row.partnerId, known(row)]));
  }

  async ofPartner(partnerId: string): Promise<KnownConnection | null> {
    const rows = await this.unitOfWork.query<Row>(
      `SELECT ${COLUMNS} FROM psa_connection WHERE partner_id = $1`,
      [partnerId],
    );
    return rows[0] ? known(rows[0]) : null;
  }

  /** As it is now; those asked for at the same time are one read. */
  find(connectionId: string): Promise<KnownConnection | null> {
    return this.reads.add(connectionId);
  }

  private async read(connectionIds: readonly string[]): Promise<(KnownConnection | null)[]> {
    const rows = rowsOf<Row>(
      await this.dataSource.query(`SELECT ${COLUMNS} FROM psa_connection WHERE connection_id = ANY($1)`, [
        [...new Set(connectionIds)],
      ]),
    );
    const found = new Map(rows.map((row) => [row.connectionId, known(row)]));
    return connectionIds.map((connectionId) => found.get(connectionId) ?? null);
  }

  /** New credentials clear what was wrong with the old ones, and set going what waited for them. */
  async save(tx: Tx, payload: ConnectionPayload): Promise<void> {
    // A partner has one link to a PSA: a new one takes the old one's place, and its lanes.
    await tx.query('DELETE FROM psa_connection WHERE partner_id = $1 AND connection_id <> $2', [
      payload.partnerId,
      payload.connectionId,
    ]);
    const changed = await tx.query(
      `INSERT INTO psa_connection AS c (connection_id, partner_id, version, endpoint, sealed_secret, is_enabled, ticketing,
                                   rate_per_minute, max_rate_per_minute, max_in_flight, full_in_flight, egress, needs_change)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $9, $10, $11)
       ON CONFLICT (connection_id) DO UPDATE SET version = excluded.version, endpoint = excluded.endpoint, sealed_secret = excluded.sealed_secret,
         is_enabled = excluded.is_enabled, ticketing = excluded.ticketing, max_rate_per_minute = excluded.max_rate_per_minute,
         full_in_flight = excluded.full_in_flight, egress = excluded.egress, needs_change = excluded.needs_change, ${CLEARED_BY_NEW_VERSION}
       WHERE (c.version, c.endpoint, c.sealed_secret, c.is_enabled, c.ticketing, c.max_rate_per_minute, c.full_in_flight, c.egress, c.needs_change)
         IS DISTINCT FROM (excluded.version, excluded.endpoint, excluded.sealed_secret, excluded.is_enabled, excluded.ticketing,
                           excluded.max_rate_per_minute, excluded.full_in_flight, excluded.egress, excluded.needs_change)
       RETURNING connection_id`,
      [
        payload.connectionId, payload.partnerId, payload.version, JSON.stringify(payload.endpoint), payload.sealedSecret,
        payload.isEnabled, JSON.stringify(payload.ticketing), this.limits.maxRatePerMinute, this.limits.maxInFlight,
        JSON.stringify(payload.egress ?? []), payload.needsChange ?? false,
      ], // prettier-ignore
    );
    if (changed.length === 0) return;
    for (const statement of TAKE_OVER) await tx.query(statement, [payload.partnerId, payload.connectionId]);
    await tx.query(
      "UPDATE lane SET state = 'ready', reason = NULL, attempts = 0, next_attempt_at = now() WHERE connection_id = $1 AND state = 'attention'",
      [payload.connectionId],
    );
  }

  /** Its lanes are parked: no claim finds them until the partner connects again. */
  async remove(tx: Tx, connectionId: string): Promise<void> {
    await tx.query('DELETE FROM psa_connection WHERE connection_id = $1', [connectionId]);
  }

  /** The PSA did what it was asked. Only a probe may end a doubt: a call begun before it says nothing about now. */
  async succeeded(connectionId: string, isProbe: boolean): Promise<void> {
    if (isProbe) await this.answered(connectionId);
    await this.changeAndTell(
      `UPDATE psa_connection SET
         trouble = CASE WHEN $2 OR (trouble = 'rate_limited' AND resume_at <= clock_timestamp()) THEN NULL ELSE trouble END,
         resume_at = CASE WHEN $2 AND trouble = 'credential' THEN '-infinity' ELSE resume_at END,
         rejected = CASE WHEN $2 THEN NULL ELSE rejected END,
         rate_per_minute = least(max_rate_per_minute, rate_per_minute * 1.05)
       WHERE connection_id = $1 AND (trouble IS NOT NULL OR rate_per_minute < max_rate_per_minute)`,
      [connectionId, isProbe],
    );
  }

  /** A probe got an answer, were it a refusal: the PSA is there. Calls at once begin with one and grow. */
  async answered(connectionId: string): Promise<void> {
    await this.tellOf(
      `UPDATE psa_connection SET breaker = 'closed', breaker_opens = 0, max_in_flight = 1, ramped_at = clock_timestamp(),
         trouble = CASE WHEN trouble = 'unreachable' THEN NULL ELSE trouble END
       WHERE connection_id = $1 AND breaker = 'half_open'`,
      [connectionId],
      false,
    );
  }

  /** A probe ended without a call: another may take its place at once. */
  async unprobed(connectionId: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE psa_connection SET breaker = CASE WHEN breaker = 'half_open' THEN 'open' ELSE breaker END,
         breaker_until = CASE WHEN breaker = 'half_open' THEN clock_timestamp() ELSE breaker_until END,
         resume_at = CASE WHEN trouble = 'credential' THEN clock_timestamp() ELSE resume_at END
       WHERE connection_id = $1 AND (breaker = 'half_open' OR trouble = 'credential')`,
      [connectionId],
    );
  }

  /**
   * Opens the breaker until `resetMs` from now, doubled with each time in a row, 10 min at most, with jitter. The probe's
   * failure opens it again; other calls' failures find it open already or open it from closed.
   */
  async open(connectionId: string, resetMs: number, isProbe: boolean): Promise<void> {
    await this.tellOf(
      `UPDATE psa_connection SET breaker = 'open', breaker_opens = breaker_opens + 1, ${troubleNow('unreachable')},
         breaker_until = clock_timestamp() + least(600000, $2 * power(2, least(breaker_opens, 10))) * (0.8 + 0.4 * random()) * interval '1 ms'
       WHERE connection_id = $1 AND (breaker = 'closed' OR ($3 AND breaker = 'half_open'))`,
      [connectionId, resetMs, isProbe],
      true,
    );
  }

  private async tellOf(update: string, params: unknown[], isOpen: boolean): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const rows = await tx.query<Omit<Turned, 'isOpen' | 'provider'>>(
        `${update} RETURNING connection_id AS "connectionId", partner_id AS "partnerId", breaker_until AS until, clock_timestamp() AS now`,
        params,
      );
      const { provider } = this;
      await publishAll(tx, rows.map((row) => breakerMessage({ ...row, provider, isOpen }))); // prettier-ignore
    });
  }

  /** The PSA asks us to wait: nothing is sent before then. Many calls refused at once halve the rate once. */
  async pause(connectionId: string, ms: number): Promise<void> {
    await this.dataSource.query(
      `UPDATE psa_connection SET resume_at = greatest(resume_at, clock_timestamp() + $2 * interval '1 ms'), ${troubleNow('rate_limited')},
         rate_per_minute = CASE WHEN resume_at <= clock_timestamp() THEN greatest(1, rate_per_minute / 2) ELSE rate_per_minute END
       WHERE connection_id = $1`,
      [connectionId, ms],
    );
  }

  /** The PSA refuses these credentials: nothing but a probe is sent before then. Others that came meanwhile are in no doubt. */
  async rejected(
    { connectionId, version }: Pick<KnownConnection, 'connectionId' | 'version'>,
    ms: number,
    reason: string,
  ): Promise<void> {
    await this.changeAndTell(
      `UPDATE psa_connection SET resume_at = greatest(resume_at, clock_timestamp() + $2 * interval '1 ms'), trouble = 'credential', rejected = $4
       WHERE connection_id = $1 AND version = $3`,
      [connectionId, ms, version, reason],
    );
  }

  /** Changes one connection; accounts hears of it in the same transaction if what the PSA says of the credentials is another. */
  private async changeAndTell(update: string, params: unknown[]): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const rows = await tx.query<Checked & { told: string | null }>(
        `${update} RETURNING old.rejected AS told, new.rejected AS reason, new.version AS version, new.partner_id AS "partnerId",
           new.connection_id AS "connectionId", clock_timestamp() AS now`,
        params,
      );
      const news = rows.filter(({ told, reason }) => told !== reason);
      await publishAll(tx, news.map(({ told: _, ...checked }) => checkMessage(checked))); // prettier-ignore
    });
  }
}
