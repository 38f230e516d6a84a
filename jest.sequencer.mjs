import { statSync } from 'node:fs';

/** Those of whole systems take minutes: one that began last would be waited for alone. */
const RANKS = [/\/(faults|walls)\/.*\.e2e\./, /\.e2e\./, /\.db\./];
function rankOf({ path }) {
  const rank = RANKS.findIndex((kind) => kind.test(path));
  return rank === -1 ? RANKS.length : rank;
}

/** The order of suites: the longest kind first, then the longest file. */
export default class LongestFirst {
  sort(tests) {
    const placed = [...tests].map((test) => ({ test, rank: rankOf(test), size: statSync(test.path).size }));
    return placed.sort((a, b) => a.rank - b.rank || b.size - a.size).map(({ test }) => test);
  }

  shard(tests) {
    return tests;
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}
