import { Ajv } from 'ajv';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { Problem, type ProblemError } from '../problems/problem.js';
import { type BodyClass, classSchema } from './class-schema.js';
import { missingNested } from './nested-holes.js';
import type { Holds } from './rule-schema.js';
import { problemErrorsOf } from './validation-errors.js';

type Accepts = (value: unknown) => boolean;

const ajv = new Ajv({
  strict: false,
  strictNumbers: true,
  coerceTypes: false,
  removeAdditional: false,
  logger: false,
});
ajv.addKeyword({
  keyword: 'holds',
  compile: (holds: Holds) => (value: unknown) => holds(value),
  errors: false,
});

const NEVER: Accepts = () => false;

/** The ajv half alone: true only for what class-validator would accept as well. For tests and benches. */
export function compileFastPath(Class: BodyClass): Accepts {
  const { schema, isExact } = classSchema(Class);
  if (!isExact) return NEVER;
  const validate = ajv.compile(schema);
  return (value) => validate(value) === true;
}

/** The class-validator half alone: the body as an instance without undefined properties, or what is wrong. */
export function decideSlowly<T extends object>(
  Class: new () => T,
  value: unknown,
): { value: T } | { errors: ProblemError[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { errors: [{ pointer: '', detail: 'must be an object', rule: 'isObject' }] };
  }
  const instance = plainToInstance(Class, value);
  const errors = errorsOf(instance);
  const holes = missingNested(Class, value as Record<string, unknown>);
  const isTold = ({ pointer, rule }: ProblemError): boolean =>
    errors.some((error) => error.pointer === pointer && error.rule === rule);
  const all = [...errors, ...holes.filter((hole) => !isTold(hole))];
  return all.length > 0 ? { errors: all } : { value: withoutUndefined(instance) };
}

function errorsOf(instance: object): ProblemError[] {
  try {
    const validationError = { target: false, value: true };
    const options = {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      validationError,
    };
    return problemErrorsOf(validateSync(instance, options));
  } catch {
    // A rule of class-validator that throws on an odd value must not make the request a 500.
    return [{ pointer: '', detail: 'has a value that cannot be checked', rule: 'uncheckable' }];
  }
}

/**
 * Validates by ajv compiled from the decorators; what it does not accept, class-validator decides and
 * words. Throws a 400 problem. An accepted value may be a plain object: read its fields, no methods.
 */
export function fastPathValidator<T extends object>(Class: new () => T): (value: unknown) => T {
  const accepts = compileFastPath(Class);
  return (value) => {
    if (accepts(value)) return value as T;
    const decided = decideSlowly(Class, value);
    if ('errors' in decided) throw Problem.badRequest(decided.errors);
    return decided.value;
  };
}

/** Class fields exist as undefined on an instance; a body that left them out must not look as if it had them. */
function withoutUndefined<T extends object>(instance: T): T {
  for (const [name, value] of Object.entries(instance)) {
    if (value === undefined) Reflect.deleteProperty(instance, name);
    else if (typeof value === 'object' && value !== null) withoutUndefined(value as object);
  }
  return instance;
}
