/**
 * One-dimensional PostgreSQL arrays in binary form. The text form costs an escape of every quote of every report on
 * both sides, and twice the size for `bytea`.
 */
const UUID_OID = 2950;
const TEXT_OID = 25;
const BYTEA_OID = 17;
const INT2_OID = 21;
const INT4_OID = 23;
const INT8_OID = 20;
const BOOL_OID = 16;
const TIMESTAMPTZ_OID = 1184;
const HEADER_BYTES = 20;
/** 2000-01-01 in milliseconds since 1970: where PostgreSQL's clock begins. */
const POSTGRES_EPOCH_MS = 946_684_800_000;

function header(buffer: Buffer, oid: number, length: number, hasNull: boolean): void {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(hasNull ? 1 : 0, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
}

/** Elements that all take `width` bytes; `write` puts one of them at an offset. */
function fixed<T>(
  oid: number,
  width: number,
  values: readonly (T | null)[],
  write: (buffer: Buffer, value: T, at: number) => void,
): Buffer {
  const nulls = values.reduce<number>((count, value) => (value === null ? count + 1 : count), 0);
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + values.length * 4 + (values.length - nulls) * width);
  header(buffer, oid, values.length, nulls > 0);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(value === null ? -1 : width, at);
    if (value === null) continue;
    write(buffer, value, at);
    at += width;
  }
  return buffer;
}

/** Canonical UUID text of 36 characters. */
export function uuidArray(values: readonly (string | null)[]): Buffer {
  return fixed(UUID_OID, 16, values, (buffer, value, at) =>
    buffer.write(value.replaceAll('-', ''), at, 'hex'),
  );
}

export function int2Array(values: readonly (number | null)[]): Buffer {
  return fixed(INT2_OID, 2, values, (buffer, value, at) => buffer.writeInt16BE(value, at));
}

export function int4Array(values: readonly (number | null)[]): Buffer {
  return fixed(INT4_OID, 4, values, (buffer, value, at) => buffer.writeInt32BE(value, at));
}

export function int8Array(values: readonly (bigint | null)[]): Buffer {
  return fixed(INT8_OID, 8, values, (buffer, value, at) => buffer.writeBigInt64BE(value, at));
}

export function boolArray(values: readonly (boolean | null)[]): Buffer {
  return fixed(BOOL_OID, 1, values, (buffer, value, at) => buffer.writeUInt8(value ? 1 : 0, at));
}

/** Milliseconds since 1970. */
export function timestamptzArray(values: readonly (number | null)[]): Buffer {
  return fixed(TIMESTAMPTZ_OID, 8, values, (buffer, value, at) =>
    buffer.writeBigInt64BE(BigInt(value - POSTGRES_EPOCH_MS) * 1000n, at),
  );
}

/** Well-formed text without NUL, as `toWellFormedText` makes it. */
export function textArray(values: readonly (string | null)[]): Buffer {
  const lengths = values.map((value) => (value === null ? 0 : Buffer.byteLength(value)));
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + values.length * 4 + sum(lengths));
  header(buffer, TEXT_OID, values.length, values.includes(null));
  let at = HEADER_BYTES;
  values.forEach((value, index) => {
    at = buffer.writeInt32BE(value === null ? -1 : (lengths[index] ?? 0), at);
    if (value !== null) at += buffer.write(value, at);
  });
  return buffer;
}

export function byteaArray(values: readonly (Buffer | null)[]): Buffer {
  const buffer = Buffer.allocUnsafe(
    HEADER_BYTES + values.length * 4 + sum(values.map((value) => value?.length ?? 0)),
  );
  header(buffer, BYTEA_OID, values.length, values.includes(null));
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(value?.length ?? -1, at);
    if (value !== null) at += value.copy(buffer, at);
  }
  return buffer;
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}
