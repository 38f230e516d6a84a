/// <reference path="./class-transformer-storage.d.ts" />
import 'reflect-metadata';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';
import { IS_OMITTABLE } from './omittable.js';
import { type JsonSchema, ruleSchema } from './rule-schema.js';

export type BodyClass = new () => object;
type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

export interface ClassSchema {
  schema: JsonSchema;
  /** Whether everything the schema accepts, class-validator accepts too. */
  isExact: boolean;
}

const PLAIN_TO_CLASS = 0;

/** A JSON Schema from class-validator's own metadata. Nested classes are inlined, so names cannot clash. */
export function classSchema(Class: BodyClass, seen: readonly BodyClass[] = []): ClassSchema {
  const byProperty = rulesByProperty(Class);
  if (seen.includes(Class) || byProperty.size === 0) return { schema: {}, isExact: false };
  let isExact = arrivesUnchanged(Class);
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [name, rules] of byProperty) {
    const property = propertySchema(Class, name, rules, [...seen, Class]);
    properties[name] = property.schema;
    isExact &&= property.isExact;
    if (!rules.some((rule) => rule.type === 'conditionalValidation')) required.push(name);
  }
  return { schema: { type: 'object', properties, required, additionalProperties: false }, isExact };
}

export function rulesByProperty(Class: BodyClass): Map<string, Rule[]> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(Class, '', false, false);
  const byProperty = new Map<string, Rule[]>();
  for (const rule of rules)
    byProperty.set(rule.propertyName, [...(byProperty.get(rule.propertyName) ?? []), rule]);
  return byProperty;
}

/** The class that `@Type()` names, for a nested property. */
export function nestedClassOf(Class: BodyClass, property: string): BodyClass | null {
  const type = defaultMetadataStorage.findTypeMetadata(Class, property);
  if (!type || type.options?.discriminator) return null;
  return type.typeFunction() as BodyClass;
}

/** Defaults, transforms and renames happen before validation, where ajv would not see them. */
function arrivesUnchanged(Class: BodyClass): boolean {
  const hasDefaults = Object.values(new Class()).some((value) => value !== undefined);
  const storage = defaultMetadataStorage;
  return (
    !hasDefaults &&
    storage.getExposedMetadatas(Class).length === 0 &&
    storage.getExcludedMetadatas(Class).length === 0
  );
}

function propertySchema(
  Class: BodyClass,
  name: string,
  rules: Rule[],
  seen: readonly BodyClass[],
): ClassSchema {
  let isExact = defaultMetadataStorage.findTransformMetadatas(Class, name, PLAIN_TO_CLASS).length === 0;
  const all: JsonSchema[] = [];
  let mayBeNull = false;
  for (const rule of rules) {
    if (rule.validateIf || rule.groups?.length) isExact = false;
    if (rule.type === 'conditionalValidation') {
      mayBeNull ||= rule.name === 'isOptional';
      isExact &&= rule.name === 'isOptional' || rule.constraints[0] === IS_OMITTABLE;
    } else if (rule.type === 'nestedValidation') {
      const nested = nestedSchema(Class, name, rule.each, seen);
      all.push(nested.schema);
      isExact &&= nested.isExact;
    } else if (rule.type !== 'whitelistValidation') {
      const one = ruleSchema(rule, Class);
      isExact &&= one !== null;
      if (one) all.push(rule.each ? { type: 'array', items: one } : one);
    }
  }
  const isNested = rules.some((rule) => rule.type === 'nestedValidation');
  if (!isNested && defaultMetadataStorage.findTypeMetadata(Class, name)) isExact = false;
  const schema = all.length === 1 && all[0] ? all[0] : { allOf: all };
  return { schema: mayBeNull ? { anyOf: [{ type: 'null' }, schema] } : schema, isExact };
}

function nestedSchema(
  Class: BodyClass,
  name: string,
  each: boolean,
  seen: readonly BodyClass[],
): ClassSchema {
  const Nested = nestedClassOf(Class, name);
  if (!Nested) return { schema: {}, isExact: false };
  const inner = classSchema(Nested, seen);
  const isArray = each || Reflect.getMetadata('design:type', Class.prototype as object, name) === Array;
  return isArray ? { schema: { type: 'array', items: inner.schema }, isExact: inner.isExact } : inner;
}
