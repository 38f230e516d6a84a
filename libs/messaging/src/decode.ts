import { Ajv, type ValidateFunction } from 'ajv';
import classTransformer from 'class-transformer';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import type { KafkaMessage } from 'kafkajs';
import { PoisonError } from './dead-letter.js';
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

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ajv = new Ajv({ strict: false, allErrors: false, formats: { uuid: UUID } });
const compiled = new Map<object, ValidateFunction>();

interface ObjectSchema {
  properties?: Record<string, object>;
  required?: string[];
}

/** class-validator's `@IsOptional()` lets null through, its schema does not say so. */
function nullable(schema: ObjectSchema): ObjectSchema {
  const required = new Set(schema.required ?? []);
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => [
    name,
    required.has(name) ? property : { anyOf: [property, { type: 'null' }] },
  ]);
  return { ...schema, properties: Object.fromEntries(properties) as Record<string, object> };
}

/** The payload class's own decorators, compiled once. Unknown fields pass: a newer producer may add them. */
function validatorOf(topic: Topic<object>): ValidateFunction {
  const known = compiled.get(topic.payload);
  if (known) return known;
  const schemas = validationMetadatasToSchemas({
    classTransformerMetadataStorage: (classTransformer as unknown as { defaultMetadataStorage: never })
      .defaultMetadataStorage,
    refPointerPrefix: '#/definitions/',
  }) as Record<string, ObjectSchema>;
  const schema = schemas[topic.payload.name];
  if (!schema) throw new Error(`${topic.name}: its payload class has no validation`);
  const definitions = Object.fromEntries(
    Object.entries(schemas).map(([name, value]) => [name, nullable(value)]),
  );
  const validate = ajv.compile({ ...nullable(schema), definitions });
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

/** @throws PoisonError with class `decode` or `schema` */
export function decode<P extends object>(
  topic: Topic<P>,
  message: KafkaMessage,
  partition: number,
): Delivered<P> {
  const headers = stringHeaders(message);
  const base = {
    key: message.key?.toString() ?? '',
    headers,
    envelope: envelopeOf(headers, `${topic.name}:${partition}:${message.offset}`),
    partition,
    offset: message.offset,
  };
  if (message.value === null) {
    if (!topic.compacted) throw new PoisonError('A tombstone on a topic that is not compacted', 'decode');
    return { ...base, payload: null };
  }
  const payload = parse(message);
  const validate = validatorOf(topic);
  if (!validate(payload)) {
    const [error] = validate.errors ?? [];
    throw new PoisonError(`${error?.instancePath || '/'} ${error?.message ?? 'does not fit'}`, 'schema');
  }
  return { ...base, payload: payload as P };
}
