import classTransformer from 'class-transformer';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import type { Topic } from './topics/topic.js';

export interface ObjectSchema {
  properties?: Record<string, object>;
  required?: string[];
}

/** JSON schemas of all payload classes, from their class-validator decorators. */
function allSchemas(): Record<string, ObjectSchema> {
  return validationMetadatasToSchemas({
    classTransformerMetadataStorage: (classTransformer as unknown as { defaultMetadataStorage: never })
      .defaultMetadataStorage,
    refPointerPrefix: '#/definitions/',
  });
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

/** The payload's own schema, without what it refers to. */
export function payloadShape(topic: Topic<object>): ObjectSchema {
  const schema = allSchemas()[topic.payload.name];
  if (!schema) throw new Error(`${topic.name}: its payload class has no validation`);
  return schema;
}

/** What a record's value is checked against. Unknown fields pass: a newer producer may add them. */
export function payloadSchema(topic: Topic<object>): object {
  const definitions = Object.entries(allSchemas()).map(([name, schema]) => [name, nullable(schema)]);
  return { ...nullable(payloadShape(topic)), definitions: Object.fromEntries(definitions) as object };
}
