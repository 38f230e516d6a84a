import { describe, expect, it } from '@jest/globals';
import { Marks, sightings } from './marks.js';

describe('marks', () => {
  const marks = new Marks();
  const password = marks.secret('password');

  it('are found as they are, within longer text, and in Basic whatever the name before is', () => {
    const basic = (name: string): string => Buffer.from(`${name}:${password}!`).toString('base64');
    const places = [`{"x":"${password}"}`, basic('jo'), basic('joe'), basic('joan')].map((text, n) => ({
      name: `place ${n}`,
      text,
    }));
    expect(sightings(marks.all, places)).toEqual([0, 1, 2, 3].map((n) => `password (secret): place ${n}`));
  });

  it('are not found where they are not', () => {
    expect(sightings(marks.all, [{ name: 'log', text: 'Mk7s and nothing else' }])).toEqual([]);
  });
});
