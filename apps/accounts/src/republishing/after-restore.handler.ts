import {
  accountsAccounts, accountsApiKeys, accountsConnections, accountsCustomerMap, accountsCustomers, readSince, type Topic,
} from '@backhaul/messaging'; // prettier-ignore
import type { OutboxMessage, Tx } from '@backhaul/persistence';
import type { Kafka } from 'kafkajs';
import { announcement } from '../announce.js';
import type { RepublishHandler } from './republish.handler.js';

/** What may be removed: the things that Kafka can be told to forget. */
const REMOVABLE: readonly Topic<{ partnerId: string }>[] = [
  accountsAccounts,
  accountsApiKeys,
  accountsConnections,
  accountsCustomerMap,
  accountsCustomers,
];

/** Topic → key → the partner whose it is, of everything that is not deleted. */
type Standing = Map<string, Map<string, string>>;

export interface AfterRestore {
  /** Records that wait in the outbox now. */
  records: number;
  /** Things that were made after the backup, and are deleted for everybody now. */
  forgotten: number;
}

/**
 * After this database was put back to an earlier moment: tells everything again, takes back what Kafka knows and the database
 * does not, such as API keys that were made since, and gives out no number of an account or a customer a second time.
 */
export class AfterRestoreHandler {
  constructor(
    private readonly republish: RepublishHandler,
    private readonly kafka: Kafka,
    private readonly prefix: string,
  ) {}

  async handleAcrossTenants(): Promise<AfterRestore> {
    const standing: Standing = new Map();
    for (const topic of REMOVABLE) standing.set(topic.name, await this.standingOf(topic));
    let forgotten = 0;
    const records = await this.republish.tellAcrossTenants(async (tx, known) => {
      await passOver(tx, 'account_no_seq', standing.get(accountsAccounts.name));
      await passOver(tx, 'cust_id_seq', standing.get(accountsCustomers.name));
      const gone = tombstones(standing, known);
      forgotten = gone.length;
      return gone;
    });
    return { records, forgotten };
  }

  private async standingOf(topic: Topic<{ partnerId: string }>): Promise<Map<string, string>> {
    const partners = new Map<string, string>();
    await readSince({
      kafka: this.kafka,
      prefix: this.prefix,
      topic,
      fromMs: 0,
      onRecords: async (records) => {
        for (const { key, payload } of records)
          if (payload) partners.set(key, payload.partnerId);
          else partners.delete(key);
      },
    });
    return partners;
  }
}

function tombstones(standing: Standing, known: readonly OutboxMessage[]): OutboxMessage[] {
  const kept = new Set(known.map(({ topic, key }) => `${topic} ${key}`));
  return REMOVABLE.flatMap((topic) =>
    [...(standing.get(topic.name) ?? [])]
      .filter(([key]) => !kept.has(`${topic.name} ${key}`))
      .map(([key, partnerId]) => announcement(partnerId, topic, null, key)),
  );
}

/** Of keys that end with their number; 0 where there are none. There may be more than a call takes arguments. */
export function highestNumber(keys: Iterable<string>): number {
  let highest = 0;
  for (const key of keys) highest = Math.max(highest, Number(key.split(':').at(-1)));
  return highest;
}

/** The next number of the sequence is above all that were ever given out. */
async function passOver(
  tx: Tx,
  sequence: string,
  given: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const highest = highestNumber(given.keys());
  const [row] = await tx.query<{ next: string }>('SELECT nextval($1::regclass) AS next', [sequence]);
  const missing = highest - Number(row?.next ?? 0);
  if (missing > 0)
    await tx.query('SELECT count(nextval($1::regclass)) FROM generate_series(1, $2::int)', [
      sequence,
      missing,
    ]);
}
