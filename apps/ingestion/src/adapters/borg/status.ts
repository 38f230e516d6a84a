import type { JobResult, Status } from '@backhaul/domain';
import type { Fields } from '../reports/fields.js';

const MISSING = /\[Errno 2\]|no such file|file not found|does not exist/i;

/** How a run ended: classic codes (1 warning, 2 error) and the finer ones of 1.4 (N5). */
export function statusOf(
  exitCode: number | null,
  messages: readonly Fields[],
  texts: readonly string[],
  result: JobResult,
): Status {
  const status = statusOfExit(exitCode);
  if (status === null) return withoutExitCode(messages, result);
  // Ctrl-C ends it with 2 (T34, N4).
  if (status === 'failed' && exitCode === 2 && wasInterrupted(messages, texts)) return 'cancelled';
  const isSuccess = status === 'success' || status === 'success_with_warnings';
  return isSuccess && isHollow(result) ? 'failed' : status;
}

function statusOfExit(code: number | null): Status | null {
  if (code === null) return null;
  if (code === 0) return 'success';
  if (code === 1 || (code >= 100 && code <= 127)) return 'success_with_warnings';
  return code === 130 || code === 143 ? 'cancelled' : 'failed';
}

function withoutExitCode(messages: readonly Fields[], { issues, restorePoint }: JobResult): Status {
  if (issues.some(({ severity }) => severity === 'ERROR')) return 'failed';
  const isRunning = messages.some((line) => /progress/.test(line.peekText('type') ?? ''));
  return isRunning && restorePoint === null ? 'running' : 'unknown';
}

function wasInterrupted(messages: readonly Fields[], texts: readonly string[]): boolean {
  const said = [...texts, ...messages.map((line) => line.peekText('message') ?? '')];
  return said.some((text) => /SIGINT|keyboard interrupt/i.test(text));
}

/** An archive without a file because the source is missing: success that is no success (N6). */
function isHollow({ counts, issues }: JobResult): boolean {
  return counts.filesExamined === 0 && issues.some(({ message }) => MISSING.test(message));
}
