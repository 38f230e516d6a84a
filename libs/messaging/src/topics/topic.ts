/** What every topic contract states. One file per topic; the catalogue in `index.ts` creates them. */
export const SERVICES = [
  'gateway',
  'accounts',
  'ingestion',
  'notifications',
  'ticketing',
  'billing-sync',
] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface Topic<P extends object> {
  /** Name with version, such as `backup.events.v1`. */
  readonly name: string;
  /** One sentence. */
  readonly meaning: string;
  readonly producer: ServiceName | readonly ServiceName[];
  readonly consumers: readonly ServiceName[];
  /** Compacted topics keep the newest value of each key; `null` deletes it. */
  readonly compacted: boolean;
  /** Nothing is ever deleted; absent: two weeks, or as long as it is the newest of its key. */
  readonly isKeptForever?: boolean;
  readonly partitions: number;
  /** The record's key; says which order Kafka keeps. */
  key(payload: P): string;
  readonly payload: new () => P;
}

/** The envelope, the same in the headers of every record. */
export interface Envelope {
  /** Deterministic where a repeat is possible, so that a consumer recognises it. */
  id: string;
  /** ISO 8601 UTC. */
  occurredAt: string;
  partnerId: string;
  correlationId: string;
  causationId: string | null;
}
