import { describe, expect, it } from '@jest/globals';
import { EVENT_TYPES, isRuleable } from '@backhaul/domain';
import { isOn, isOption, OPTIONS } from './options.js';

describe('notification options (A12)', () => {
  it('are the types that rules may match, but for figures', () => {
    const expected = EVENT_TYPES.filter((type) => isRuleable(type) && type !== 'service.status_update');
    expect(OPTIONS.map(({ key }) => key)).toEqual(expected);
    expect(isOption('psa.sync.failed')).toBe(false);
    expect(isOption('toString')).toBe(false);
  });

  it('are on by default for what is an error, else off', () => {
    expect(isOn({}, 'backup.failed')).toBe(true);
    expect(isOn({}, 'backup.missed')).toBe(true);
    expect(isOn({}, 'backup.completed')).toBe(false);
    expect(isOn({}, 'backup.cancelled')).toBe(false);
    expect(isOn({}, 'psa.sync.failed')).toBe(false);
  });

  it('are what somebody chose, and can all be off (A13)', () => {
    expect(isOn({ 'backup.failed': false }, 'backup.failed')).toBe(false);
    expect(isOn({ 'backup.completed': true }, 'backup.completed')).toBe(true);
    expect(isOn({ 'service.status_update': true }, 'service.status_update')).toBe(false);
    const allOff = Object.fromEntries(OPTIONS.map(({ key }) => [key, false]));
    expect(OPTIONS.filter(({ key }) => isOn(allOff, key))).toEqual([]);
  });
});
