import type { JobResult } from '@backhaul/domain';
import type { Envelope } from '../reports/envelope.js';
import type { Fields } from '../reports/fields.js';

/** The document of `borg create --json`. Its times lack a zone (T8), so the wrapper's are better. */
export function readArchive(document: Fields, result: JobResult, { clock }: Envelope): void {
  const { job, timing, counts, bytes } = result;
  const archive = document.inner('archive');
  const stats = archive.inner('stats');
  timing.startedAt ??= archive.time('start', clock);
  timing.endedAt ??= archive.time('end', clock);
  const seconds = archive.peek('duration');
  if (typeof seconds === 'number' && seconds >= 0 && seconds < 1e9)
    timing.durationMs = Math.round(seconds * 1000);
  counts.filesExamined = stats.count('nfiles');
  bytes.examined = stats.count('original_size');
  bytes.compressed = stats.count('compressed_size');
  bytes.new = stats.count('deduplicated_size');
  bytes.storedAfter = document.inner('cache').inner('stats').count('unique_csize');
  readRepository(document.inner('repository'), result);
  const id = archive.text('id');
  job.nativeRunId = id;
  if (id !== null) result.restorePoint = { id, chainId: null };
  job.jobName ??= prefixOf(archive.peekText('name'));
}

function readRepository(repository: Fields, { job }: JobResult): void {
  const id = repository.text('id');
  job.destinationName = job.destinationId ?? repository.text('location');
  job.destinationId = id ?? job.destinationId;
  job.nativeJobId ??= id;
}

/** `fs01-2026-11-20T14:57`: archives of one job differ in their date. */
function prefixOf(name: string | null): string | null {
  if (name === null) return null;
  const date = name.search(/[-_.:]?\d{4}-\d\d-\d\d/);
  return date > 0 ? name.slice(0, date) : name;
}
