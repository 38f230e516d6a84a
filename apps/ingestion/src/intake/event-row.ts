import {
  boolArray, byteaArray, int2Array, int4Array, int8Array, textArray, timestamptzArray, uuidArray,
} from './binary-array.js'; // prettier-ignore

/** An event as it is stored, ready to be written. */
export interface EventRow {
  eventId: string;
  partnerId: string;
  /** The same for every repeat of the same report. */
  dedupeId: string;
  /** SHA-256 of the report. */
  bodyHash: Buffer;
  accountNo: number | null;
  custId: number | null;
  /** Of the relay; null while no account is known. */
  bucket: number | null;
  /** Account, job and kind, as 64 bits of a digest. */
  jobHash: bigint;
  /** Milliseconds since 1970. */
  occurredAtMs: number;
  isConclusive: boolean;
  isSuccess: boolean;
  type: string;
  severity: string;
  traceparent: string | null;
  /** The canonical event as JSON, as it is published. */
  body: string;
  /** What is long and not published, as JSON: `log`, and of a huge report `ext` and `children`. */
  detail: string | null;
  raw: Buffer | null;
  /** What the log is searched by; long texts cut. */
  brandId: string | null;
  status: string;
  job: string | null;
  hostName: string | null;
  message: string | null;
}

/**
 * Whose key is new is stored. The keys have an index over all time, so of two who write the same report at once one waits
 * for the other here, whatever month their events belong to. `IS TRUE` keeps the planner from making a join of it.
 */
export const INSERT_EVENTS = `
  WITH fresh AS (
    INSERT INTO event_key (dedupe_id, event_id) SELECT * FROM unnest($3::uuid[], $1::uuid[])
    ON CONFLICT DO NOTHING RETURNING event_id)
  INSERT INTO event (event_id, partner_id, dedupe_id, body_hash, account_no, cust_id, bucket, job_hash, occurred_at,
    is_conclusive, is_success, type, severity, traceparent, body, detail, raw, brand_id,
    status, job, host_name, message)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bytea[], $5::bigint[], $6::int[], $7::smallint[],
    $8::bigint[], $9::timestamptz[], $10::boolean[], $11::boolean[], $12::text[], $13::text[], $14::text[],
    $15::text[], $16::text[], $17::bytea[], $18::uuid[], $19::text[], $20::text[], $21::text[], $22::text[])
    AS report(event_id)
  WHERE (report.event_id IN (SELECT event_id FROM fresh)) IS TRUE`;

/** The parameters of `INSERT_EVENTS`, in its order. */
export function insertParameters(rows: readonly EventRow[]): Buffer[] {
  return [
    uuidArray(rows.map((row) => row.eventId)),
    uuidArray(rows.map((row) => row.partnerId)),
    uuidArray(rows.map((row) => row.dedupeId)),
    byteaArray(rows.map((row) => row.bodyHash)),
    int8Array(rows.map((row) => (row.accountNo === null ? null : BigInt(row.accountNo)))),
    int4Array(rows.map((row) => row.custId)),
    int2Array(rows.map((row) => row.bucket)),
    int8Array(rows.map((row) => row.jobHash)),
    timestamptzArray(rows.map((row) => row.occurredAtMs)),
    boolArray(rows.map((row) => row.isConclusive)),
    boolArray(rows.map((row) => row.isSuccess)),
    textArray(rows.map((row) => row.type)),
    textArray(rows.map((row) => row.severity)),
    textArray(rows.map((row) => row.traceparent)),
    textArray(rows.map((row) => row.body)),
    textArray(rows.map((row) => row.detail)),
    byteaArray(rows.map((row) => row.raw)),
    uuidArray(rows.map((row) => row.brandId)),
    textArray(rows.map((row) => row.status)),
    textArray(rows.map((row) => row.job)),
    textArray(rows.map((row) => row.hostName)),
    textArray(rows.map((row) => row.message)),
  ];
}
