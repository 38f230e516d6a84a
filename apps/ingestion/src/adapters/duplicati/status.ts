import type { JobResult, Status } from '@backhaul/domain';
import type { Fields } from '../reports/fields.js';

const STATUS_OF = new Map<string, Status>([
  ['Success', 'success'],
  ['Warning', 'success_with_warnings'],
  ['Error', 'partial'],
  ['Fatal', 'failed'],
  ['Unknown', 'unknown'],
]);

/** How a run ended; `isKnown` is false for a result that this Duplicati should not be able to write. */
export function statusOf(
  data: Fields,
  result: JobResult,
  hasException: boolean,
): { status: Status; isKnown: boolean } {
  const native = data.peek('ParsedResult');
  const parsed = typeof native === 'string' ? STATUS_OF.get(native) : undefined;
  const isKnown = parsed !== undefined || hasException;
  if (data.inner('BackendStatistics').peek('ReportedQuotaError') === true)
    return { status: 'quota_exceeded', isKnown };
  if (hasException || data.peek('Fatal') === true || parsed === 'failed')
    return { status: 'failed', isKnown };
  if (data.peek('Interrupted') === true)
    return { status: hasStored(result) ? 'partial' : 'cancelled', isKnown };
  if (data.peek('PartialBackup') === true) return { status: 'partial', isKnown };
  const status = parsed ?? 'unknown';
  return { status: isHollow(status, result) ? 'failed' : status, isKnown };
}

function hasStored({ counts, bytes }: JobResult): boolean {
  return (counts.filesNew ?? 0) + (counts.filesChanged ?? 0) + (bytes.uploaded ?? 0) > 0;
}

/** A backup that found none of its sources is no success (N6). */
function isHollow(status: Status, { job, counts, issues }: JobResult): boolean {
  if (job.kind !== 'backup' || counts.filesExamined !== 0) return false;
  if (status !== 'success' && status !== 'success_with_warnings') return false;
  return issues.some(
    ({ code, message }) =>
      /source.*missing|missing.*source/i.test(code ?? '') || /does not exist|not found/i.test(message),
  );
}
