import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from '../servers.js';

const FILES = ['alerts.yaml', 'dashboard.json'];
const EXPRESSIONS = /(?:"expr": "((?:[^"\\]|\\.)*)"|^ +expr: (?:>-\n)?((?:.+\n)(?: {10,}.+\n)*))/gm;
const METRIC = /\b(?:backhaul|ingest|http|requests|load|process)_[a-z_]+\b/g;
/** What Prometheus adds to the name of a histogram. */
const SERIES = /_(?:bucket|count|sum)$/;

/** The metrics that alerts and dashboards of `deploy/monitoring` read, by file. */
export function watchedMetrics(): { file: string; metric: string }[] {
  return FILES.flatMap((file) => {
    const text = readFileSync(join(repoRoot, 'deploy/monitoring', file), 'utf8');
    const expressions = [...text.matchAll(EXPRESSIONS)].map(([, json, yaml]) => json ?? yaml ?? '');
    const metrics = expressions.flatMap((expression) => expression.match(METRIC) ?? []);
    return [...new Set(metrics)].map((metric) => ({ file, metric: metric.replace(SERIES, '') }));
  });
}
