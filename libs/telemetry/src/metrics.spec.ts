import { expect, test } from '@jest/globals';
import { counter, gauge, histogram, registry, startDefaultMetrics } from './metrics.js';

test('asking twice for a metric gives the same one, and all stand in one registry', async () => {
  counter('backhaul_test_total', 'Things', ['kind']).inc({ kind: 'a' });
  counter('backhaul_test_total', 'Things', ['kind']).inc({ kind: 'a' });
  histogram('backhaul_test_seconds', 'Time').observe(0.02);
  let rows = 7;
  gauge('backhaul_test_rows', 'Rows', [], (self) => self.set(rows));
  rows = 9;
  const text = await registry.metrics();
  expect(text).toContain('backhaul_test_total{kind="a"} 2');
  expect(text).toContain('backhaul_test_seconds_bucket{le="0.025"} 1');
  expect(text).toContain('backhaul_test_rows 9');
});

test('default metrics may be started twice', async () => {
  startDefaultMetrics();
  startDefaultMetrics();
  expect(await registry.metrics()).toContain('process_resident_memory_bytes');
});
