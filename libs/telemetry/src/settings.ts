import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync } from 'class-validator';

/**
 * The settings that a class-validator class declares, from the environment or from the file that `<NAME>_FILE` names;
 * an empty value counts as none. The result is frozen.
 * @throws Error that names every wrong setting, and no value
 */
export function readSettings<T extends object>(
  Settings: new () => T,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<T> {
  const given: Record<string, string | number> = {};
  for (const name of namesOf(Settings)) {
    const value = valueOf(env, name);
    if (value !== undefined) given[name] = isNumber(Settings, name) ? Number(value) : value;
  }
  const settings = plainToInstance(Settings, given, { exposeDefaultValues: true });
  const wrong = validateSync(settings).flatMap(({ constraints }) => Object.values(constraints ?? {}));
  if (wrong.length > 0) throw new Error(`Settings are wrong: ${wrong.join('; ')}`);
  return Object.freeze(settings);
}

/** Only what has a rule is a setting. */
function namesOf(Settings: new () => object): Set<string> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(Settings, '', false, false);
  return new Set(rules.map(({ propertyName }) => propertyName));
}

function isNumber(Settings: new () => object, name: string): boolean {
  return Reflect.getMetadata('design:type', Settings.prototype as object, name) === Number;
}

function valueOf(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  const value = file ? readNamedFile(name, file) : env[name];
  return value === '' ? undefined : value;
}

function readNamedFile(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Error(`Settings are wrong: ${name}_FILE names a file that cannot be read`, { cause: error });
  }
}
