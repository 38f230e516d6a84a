import {
  type DeadLetterClass,
  OVERTAKEN_HEADER,
  type OutgoingRecord,
  PoisonError,
  type Topic,
  TOPICS,
} from '@backhaul/messaging';
import type { OutboxMessage } from '../outbox/publish.js';
import type { Tx } from '../unit-of-work.js';
import type { KeptLetter } from './dead-letter.repository.js';
import { encoded, groupIdOf, LONGEST_REASON, partnerOf } from './dead-letter.table.js';
import { factsOf, harmless } from './letter-facts.js';

const UNSENT: DeadLetterClass = 'unsent';
const compacted = new Set(
  (TOPICS as readonly Topic<object>[]).filter((topic) => topic.compacted).map(({ name }) => name),
);

/** The letter of a message that Kafka will not take, in the order of the columns from `partner_id` on, `part` and `place` left out. */
export function unsentColumns(record: OutgoingRecord, error: string): unknown[] {
  const { topic, key, value, headers } = record;
  const bytes = value === null ? null : Buffer.from(value);
  const { custId, accountNo } = factsOf(bytes);
  const reason = harmless(error, LONGEST_REASON);
  return [
    partnerOf(headers), custId, accountNo, topic, UNSENT, reason, groupIdOf(topic, UNSENT, reason),
    orderKeyOfUnsent(record), Buffer.from(key), bytes, JSON.stringify(encoded(headers)),
  ]; // prettier-ignore
}

/** Whatever left later about the same thing has overtaken it: the problem it names, else all else of its key. */
export function orderKeyOfUnsent({ topic, key, value }: OutgoingRecord): string {
  const { accountNo, incidentKey } = compacted.has(topic) ? {} : fieldsOf(value);
  const isOfProblem = typeof accountNo === 'number' && typeof incidentKey === 'string';
  return `unsent|${topic}|${isOfProblem ? `${accountNo}|${incidentKey}` : key}`;
}

export const isUnsent = (letter: { class: string }): boolean => letter.class === UNSENT;

/** Whether it may be sent, with what waits to leave before it. @throws PoisonError for an old state that would follow a newer one */
export async function sendable(tx: Pick<Tx, 'query'>, letter: KeptLetter): Promise<OutboxMessage> {
  const message = messageOf(letter);
  const isOvertaken = letter.isOvertaken || (await isBehindNewer(tx, message, letter.record.offset));
  if (isOvertaken && compacted.has(message.topic))
    throw new PoisonError(`${message.topic} tells of states, and a newer one has left since`);
  // Who takes it undoes nothing newer by it.
  const late = isOvertaken ? { [OVERTAKEN_HEADER]: 'true' } : {};
  return { ...message, headers: { ...message.headers, ...late } };
}

/** What waits of the same thing would leave before it, and was written later: unless it is an older one that is sent again. */
async function isBehindNewer(
  tx: Pick<Tx, 'query'>,
  message: OutgoingRecord,
  place: string,
): Promise<boolean> {
  const rows = await tx.query<OutgoingRecord>(
    `SELECT topic, key, payload AS value FROM outbox WHERE topic = $1 AND key = $2
       AND NOT EXISTS (SELECT 1 FROM dead_letter d WHERE d.letter_id = outbox.id AND d.place < $3::bigint)`,
    [message.topic, message.key, place],
  );
  return rows.some((row) => orderKeyOfUnsent(row) === orderKeyOfUnsent(message));
}

function messageOf({ id, record: { topic, key, value, headers } }: KeptLetter): OutboxMessage {
  const texts = Object.entries(headers).map(([name, given]) => [name, [given ?? []].flat().join('')]);
  const text = value === null ? null : value.toString();
  return {
    id,
    topic,
    key: String(key),
    value: text,
    headers: Object.fromEntries(texts) as OutboxMessage['headers'],
  };
}

function fieldsOf(value: string | null): { accountNo?: unknown; incidentKey?: unknown } {
  try {
    const json: unknown = JSON.parse(value ?? 'null');
    return typeof json === 'object' && json !== null ? json : {};
  } catch {
    // Not JSON: then it names no problem.
    return {};
  }
}
