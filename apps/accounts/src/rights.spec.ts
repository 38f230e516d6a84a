import { describe, expect, it } from '@jest/globals';
import { ROLES } from '@backhaul/http';
import { mayGive } from './rights.js';

describe('giving roles', () => {
  it('is for senior managers, and for senior IT managers all but the highest', () => {
    const given = ROLES.flatMap((giver) =>
      ROLES.filter((role) => mayGive(giver, role)).map((role) => [giver, role]),
    );
    const ordinary = ROLES.filter((role) => role !== 'platform-operator');
    expect(given.filter(([giver]) => giver === 'partner-senior-manager').map(([, role]) => role)).toEqual(
      ordinary,
    );
    expect(given.filter(([giver]) => giver === 'partner-senior-it-manager').map(([, role]) => role)).toEqual(
      ordinary.filter((role) => role !== 'partner-senior-manager'),
    );
    expect(given).toHaveLength(ordinary.length * 2 - 1);
  });
});
