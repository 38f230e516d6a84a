import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { KafkaMessage } from 'kafkajs';
import { PoisonError } from './dead-letter.js';
import { payloadSchema } from './payload-schema.js';
import { envelopeOf } from './record.js';
import type { Envelope, Topic } from './topics/topic.js';

/** One record as a handler sees it. `payload: null` is a tombstone. */
export interface Delivered<P> {
  payload: P | null;
  key: string;
  envelope: Envelope;
  headers: Record<string, string>;
  partition: number;
  offset: string;
}

/** Of a compacted topic's batch: the newest record of each key is all that counts. */
export const newestOf = <P>(batch: readonly Delivered<P>[]): Map<string, P | null> =>
  new Map(batch.map(({ key, payload }) => [key, payload]));

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ajv = new Ajv({ strict: false, allErrors: true, formats: { uuid: UUID } });
const compiled = new Map<object, ValidateFunction>();

function validatorOf(topic: Topic<object>): ValidateFunction {
  const known = compiled.get(topic.payload);
  if (known) return known;
  const validate = ajv.compile(payloadSchema(topic));
  compiled.set(topic.payload, validate);
  return validate;
}

export function stringHeaders(message: KafkaMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) headers[name] = first.toString();
  }
  return headers;
}

function parse(message: KafkaMessage): unknown {
  try {
    return JSON.parse((message.value as Buffer).toString('utf8'));
  } catch (error) {
    throw new PoisonError('The bytes are not JSON', 'decode', { cause: error });
  }
}

/** A value outside a closed list comes from a newer producer; anything else is simply wrong. */
function misfit(errors: ErrorObject[]): PoisonError {
  const text = errors
    .slice(0, 5)
    .map((error) => `${error.instancePath || '/'} ${error.message ?? 'does not fit'}`)
    .join('; ');
  const isOnlyUnknown = errors.length > 0 && errors.every((error) => error.keyword === 'enum');
  return new PoisonError(text, isOnlyUnknown ? 'unknown-type' : 'schema');
}

/** @throws PoisonError with class `decode`, `schema` or `unknown-type` */
export function decode<P extends object>(
  topic: Topic<P>,
  message: KafkaMessage,
  partition: number,
): Delivered<P> {
  const headers = stringHeaders(message);
  const base = {
    key: message.key?.toString() ?? '',
    headers,
    envelope: envelopeOf(headers),
    partition,
    offset: message.offset,
  };
  if (message.value === null) {
    if (!topic.compacted) throw new PoisonError('A tombstone on a topic that is not compacted', 'decode');
    return { ...base, payload: null };
  }
  const payload = parse(message);
  const validate = validatorOf(topic);
  if (!validate(payload)) throw misfit(validate.errors ?? []);
  return { ...base, payload: payload as P };
}
