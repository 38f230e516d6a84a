import {
  type DeadLetterClass,
  OVERTAKEN_HEADER,
  type OutgoingRecord,
  PoisonError,
  type Topic,
  TOPICS,
} from '@backhaul/messaging';
import { publishAll } from '../outbox/publish.js';
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

/** @throws PoisonError for an old state that would take the place of the newest */
export function mustBeSendable({ topic, isOvertaken }: Pick<KeptLetter, 'topic' | 'isOvertaken'>): void {
  if (compacted.has(topic) && isOvertaken)
    throw new PoisonError(`${topic} tells of states, and a newer one has left since`);
}

/** Puts it into the outbox as it was; it says of itself that newer ones have left where that is so. */
export function sendAgain(tx: Tx, { id, record, isOvertaken }: KeptLetter): Promise<void> {
  const headers = Object.fromEntries(
    Object.entries(record.headers).map(([name, value]) => [name, [value ?? []].flat().join('')]),
  );
  const late = isOvertaken ? { [OVERTAKEN_HEADER]: 'true' } : {};
  const { topic, key, value } = record;
  const message = { id, topic, key: String(key), value: value === null ? null : value.toString() };
  return publishAll(tx, [{ ...message, headers: { ...headers, ...late } }]);
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
