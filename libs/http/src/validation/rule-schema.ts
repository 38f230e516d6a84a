import { getMetadataStorage, type ValidatorConstraintInterface } from 'class-validator';

export type JsonSchema = Record<string, unknown>;
/** Asks class-validator's own rule about one value; the ajv keyword `holds`. */
export type Holds = (value: unknown) => boolean;

interface Rule {
  type: string;
  name?: string;
  constraints: unknown[];
  constraintCls: object;
}

const UUID = (version: string): string =>
  `^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-${version}[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$`;

const TIME =
  'T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])';
const DAY =
  '(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)';
/** Narrower than ISO 8601 and than class-validator: what falls through is decided there. */
const ISO_INSTANT = `^[12][0-9]{3}-${DAY}${TIME}$`;

/** What stock JSON Schema says exactly; the rest of the known rules asks class-validator by `holds`. */
const EXACT: Record<string, (constraints: unknown[]) => JsonSchema | null> = {
  isString: () => ({ type: 'string' }),
  isBoolean: () => ({ type: 'boolean' }),
  isInt: () => ({ type: 'integer' }),
  isNumber: ([options]) => (Object.keys(options ?? {}).length === 0 ? { type: 'number' } : null),
  isArray: () => ({ type: 'array' }),
  isObject: () => ({ type: 'object' }),
  min: ([limit]) => ({ type: 'number', minimum: limit }),
  max: ([limit]) => ({ type: 'number', maximum: limit }),
  isIn: ([values]) => enumOf(values),
  isEnum: ([values]) => enumOf(Object.values(values as object)),
  arrayMinSize: ([limit]) => ({ type: 'array', minItems: limit }),
  arrayMaxSize: ([limit]) => ({ type: 'array', maxItems: limit }),
  maxLength: ([limit]) => ({ type: 'string', maxLength: limit }),
  isUuid: ([version]) => uuidOf(version),
  isIso8601: () => ({ type: 'string', pattern: ISO_INSTANT }),
};

/** Rules of class-validator that look at the value alone and answer at once. */
const ASKED = new Set(
  `arrayNotEmpty arrayUnique arrayContains arrayNotContains contains equals isAlpha isAlphanumeric isAscii isBase64
  isDateString isDefined isDivisibleBy isEmail isFqdn isHexadecimal isHexColor isIp isISO31661Alpha2 isJson isLocale
  isLowercase isMilitaryTime isMimeType isNegative isNotEmpty isNotEmptyObject isNotIn isNumberString isPort isPositive
  isSemVer isTimeZone isUppercase isUrl isLength matches minLength notContains notEquals`.split(/\s+/),
);

/** A schema that accepts no more than the rule does, or null for a rule that the fast path does not know. */
export function ruleSchema(rule: Rule, target: object): JsonSchema | null {
  const name = rule.name ?? rule.type;
  const exact = EXACT[name]?.(rule.constraints);
  if (exact) return exact;
  return ASKED.has(name) || name in EXACT
    ? { holds: askRule(rule, target), ...hintsOf(name, rule.constraints) }
    : null;
}

function askRule(rule: Rule, target: object): Holds {
  const constraints = getMetadataStorage().getTargetValidatorConstraints(rule.constraintCls as never);
  const validators: ValidatorConstraintInterface[] = constraints.map((constraint) => constraint.instance);
  const context = { targetName: '', property: '', object: target, constraints: rule.constraints };
  return (value) => {
    try {
      return validators.every((each) => each.validate(value, { ...context, value }) === true);
    } catch {
      // Some rules throw on odd values (isNumber with maxDecimalPlaces on 1e-7): the slow path words that.
      return false;
    }
  };
}

/** For the documents only: `holds` already decides. Some rules have no constraints at all. */
function hintsOf(name: string, [first, second]: unknown[] = []): JsonSchema {
  if (name === 'arrayUnique') return { uniqueItems: true };
  if (name === 'minLength') return { type: 'string', minLength: first };
  if (name === 'isLength') return { type: 'string', minLength: first, maxLength: second };
  if (name === 'matches' && first instanceof RegExp && first.flags === '')
    return { type: 'string', pattern: first.source };
  return {};
}

function enumOf(values: unknown): JsonSchema | null {
  const isPlain =
    Array.isArray(values) && values.every((v) => ['string', 'number', 'boolean'].includes(typeof v));
  return isPlain && values.length > 0 ? { enum: values } : null;
}

function uuidOf(version: unknown): JsonSchema | null {
  if (version === undefined || version === 'all') return { type: 'string', pattern: UUID('[1-8]') };
  const known = typeof version === 'string' || typeof version === 'number' ? String(version) : '';
  return /^[1-8]$/.test(known) ? { type: 'string', pattern: UUID(known) } : null;
}
