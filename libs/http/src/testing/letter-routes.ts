import type { Role } from '../principals/principal.js';
import type { MatrixTables } from './access-matrix.js';
import { MAY } from './relations.js';

const OPERATORS: Role[] = ['platform-operator'];

/** The routes of a service's dead letters, one letter with a cause of its own for each thing. */
export function letterRoutes<T>(
  letterOf: (thing: T) => string,
  restore: () => Promise<void>,
): Pick<MatrixTables<T>, 'ones' | 'lists'> {
  const roles = [...MAY.MANAGERS, ...OPERATORS];
  const path = (thing: T): string => `dead-letters/${letterOf(thing)}`;
  return {
    ones: [
      { route: 'GET dead-letters/{id}', of: path, roles: [...MAY.AUDITORS, ...OPERATORS] },
      { route: 'POST dead-letters/{id}/replay', of: (thing) => `${path(thing)}/replay`, roles, restore },
      {
        route: 'POST dead-letters/{id}/discard',
        of: (thing) => `${path(thing)}/discard`,
        roles,
        body: { reason: 'for a test' },
        restore,
      },
    ],
    lists: [
      {
        path: 'dead-letters',
        roles: [...MAY.AUDITORS, ...OPERATORS],
        idOf: (item) => (item['letters'] as string[])[0],
        idOfThing: letterOf,
        counts: false,
      },
    ],
  };
}
