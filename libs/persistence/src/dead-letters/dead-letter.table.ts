import { isUuid, PLATFORM, uuidFrom } from '@backhaul/domain';
import type { DeadLetterClass, DeadLetterStore, SetAside, StoredRecord } from '@backhaul/messaging';
import type { DataSource } from 'typeorm';
import { rowsOf, type Tx } from '../unit-of-work.js';
import { causeOf, factsOf, harmless, type LetterFacts } from './letter-facts.js';

export interface DeadLetterTableOptions {
  /** Whatever newer record has the same key has overtaken this one; null where order does not matter. */
  orderKeyOf?: (topic: string, json: unknown, facts: LetterFacts) => string | null;
  /** Takes what is secret out of a reason. */
  scrub: (text: string) => string;
}

export const LONGEST_REASON = 300;
const NUL = /\0/g;

/** Records that this service set aside. */
export class DeadLetterTable implements DeadLetterStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly options: DeadLetterTableOptions,
  ) {}

  async keep(letter: SetAside): Promise<void> {
    const { topic, partition, offset, key, value, headers } = letter;
    const facts = factsOf(value);
    const reason = harmless(this.options.scrub(letter.error), LONGEST_REASON);
    const orderKey = this.options.orderKeyOf?.(topic, jsonOf(value), facts) ?? null;
    const digest = `${facts.sha256 ?? ''}`;
    await this.dataSource.query(
      `INSERT INTO dead_letter (letter_id, partner_id, cust_id, account_no, topic, part, place, class, reason, group_id,
         order_key, key, value, headers)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (letter_id) DO NOTHING`,
      [
        uuidFrom('dead letter', topic, String(partition), offset, digest),
        partnerOf(headers), facts.custId, facts.accountNo, topic, partition, offset, letter.reason, reason,
        groupIdOf(topic, letter.reason, reason),
        orderKey?.replace(NUL, '') ?? null, key, value, JSON.stringify(encoded(headers)),
      ], // prettier-ignore
    );
  }
}

/** Letters of one topic, class and cause share it. */
export const groupIdOf = (topic: string, reason: DeadLetterClass, text: string): string =>
  uuidFrom('dead letters', topic, reason, causeOf(text)).replaceAll('-', '').slice(0, 16);

export interface LetterBacklog {
  waiting: number;
  /** Seconds; 0 where none waits. */
  oldestS: number;
}

/** How many letters nobody has looked after, and for how long. */
export async function letterBacklogAcrossTenants(dataSource: DataSource): Promise<LetterBacklog> {
  const answer: unknown = await dataSource.query(
    `SELECT count(*)::int AS waiting, coalesce(extract(epoch FROM now() - min(set_aside_at)), 0)::float AS "oldestS"
     FROM dead_letter WHERE state IN ('waiting', 'replaying')`,
  );
  return rowsOf<LetterBacklog>(answer)[0] ?? { waiting: 0, oldestS: 0 };
}

/** A record that was handled: those set aside before it that speak of the same thing must no longer undo it. */
export interface Handled {
  orderKey: string;
  /** Its offset. */
  place: string;
}

/** In the transaction of the effect. Costs one look at an empty index as long as nothing waits. */
export async function noteOvertaken(tx: Tx, handled: readonly Handled[]): Promise<void> {
  if (handled.length === 0) return;
  const waiting = await tx.query(
    "SELECT 1 FROM dead_letter WHERE state = 'waiting' AND order_key IS NOT NULL LIMIT 1",
  );
  if (waiting.length === 0) return;
  await tx.query(
    `UPDATE dead_letter SET is_overtaken = true
     FROM unnest($1::text[], $2::bigint[]) AS h(order_key, place)
     WHERE dead_letter.state = 'waiting' AND dead_letter.order_key = h.order_key AND dead_letter.place < h.place
       AND NOT dead_letter.is_overtaken`,
    [handled.map(({ orderKey }) => orderKey.replace(NUL, '')), handled.map(({ place }) => place)],
  );
}

type EncodedHeaders = Record<string, string[]>;

/** Base64, as headers may hold any bytes and come several times. */
export function encoded(headers: StoredRecord['headers']): EncodedHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.replace(NUL, ''),
      [value ?? []].flat().map((one) => Buffer.from(one).toString('base64')),
    ]),
  );
}

export function decodedHeaders(headers: EncodedHeaders): StoredRecord['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [
      name,
      values.map((value) => Buffer.from(value, 'base64')),
    ]),
  );
}

export function partnerOf(headers: StoredRecord['headers']): string {
  const given = [headers['partner-id'] ?? []].flat()[0]?.toString();
  return isUuid(given) ? given : PLATFORM;
}

function jsonOf(value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString('utf8') ?? '');
  } catch {
    // Then nothing in it says of what it speaks.
    return null;
  }
}
