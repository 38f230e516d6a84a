import { ApiProperty } from '@nestjs/swagger';
import { getMetadataStorage } from 'class-validator';
import { type BodyClass, classSchema } from '../validation/class-schema.js';
import type { JsonSchema } from '../validation/rule-schema.js';

/** Where @nestjs/swagger keeps what @ApiProperty says of one property. */
const API_PROPERTY = 'swagger/apiModelProperties';

interface PrivateStorage {
  validationMetadatas: Map<unknown, unknown>;
}

/** Tells @nestjs/swagger of every property that class-validator knows and no @ApiProperty describes. */
export function describeClasses(): void {
  const storage = getMetadataStorage() as unknown as PrivateStorage;
  for (const target of storage.validationMetadatas.keys()) {
    if (typeof target === 'function') describeClass(target as BodyClass);
  }
}

function describeClass(Class: BodyClass): void {
  const { schema } = classSchema(Class);
  const required = (schema['required'] ?? []) as string[];
  const defaults = new Class() as Record<string, unknown>;
  for (const [name, property] of Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>)) {
    if (Reflect.hasMetadata(API_PROPERTY, Class.prototype as object, name)) continue;
    const described = withoutFunctions(property) as JsonSchema;
    const value = defaults[name];
    ApiProperty({
      ...flattened(described),
      required: required.includes(name) && value === undefined,
      ...(value === undefined ? {} : { default: value }),
    })(Class.prototype as object, name);
  }
}

/** Rules of one property stand in `allOf`; documents read better with them side by side. */
function flattened(schema: JsonSchema): JsonSchema {
  const { allOf, anyOf, ...rest } = schema as { allOf?: JsonSchema[]; anyOf?: JsonSchema[] } & JsonSchema;
  const parts = (allOf ?? []).map(flattened);
  const optional = anyOf?.find((part) => part['type'] !== 'null');
  const merged = Object.assign({}, rest, ...parts, optional ? flattened(optional) : {}) as JsonSchema;
  if (!anyOf) return merged;
  return { ...merged, nullable: true };
}

function withoutFunctions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutFunctions);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => typeof inner !== 'function')
      .map(([name, inner]) => [name, withoutFunctions(inner)]),
  );
}
