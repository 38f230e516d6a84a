/** Where to kill: the places where a death is dearest; `npm run test:faults -- --points` adds the others. */
export function crashPoints<P extends string>(dearest: readonly P[], others: readonly P[]): readonly P[] {
  return process.env['CRASH_POINTS'] === 'all' ? [...dearest, ...others] : dearest;
}
