import { emptyJobResult, type JobResult, type Status } from '@backhaul/domain';
import type { AdaptedReport, AgentAdapter, NativeReport } from '../adapter.js';
import { kindOfCommand } from '../generic/command-kind.js';
import { type Envelope, openEnvelope, restOf, splitLines } from '../reports/envelope.js';
import type { Fields } from '../reports/fields.js';
import { finish, issue, setLog } from '../reports/finish.js';
import { runKey } from '../reports/run-key.js';
import { readErrors } from './errors.js';
import { readSummary } from './summary.js';

/** restic in the wrapper's envelope, or its bare output: JSON lines with plain text among them (T6). */
export const resticAdapter: AgentAdapter = {
  agents: ['restic'],
  name: 'restic',
  version: '1',
  adapt(report: NativeReport): AdaptedReport {
    const result = emptyJobResult();
    const envelope = openEnvelope(report, result);
    const stdout = splitLines(envelope.stdout);
    const stderr = splitLines(envelope.stderr);
    const messages = [...stdout.objects, ...stderr.objects];
    const texts = [...stdout.texts, ...stderr.texts];
    result.job.kind =
      envelope.command === null ? 'backup' : (kindOfCommand(envelope.command) ?? 'maintenance');
    const summary = last(messages, 'summary');
    if (summary) readSummary(summary, result, envelope);
    readErrors(messages, texts, result);
    readStatus(messages, texts, result, envelope);
    setLog(result, texts);
    const snapshotId = result.job.nativeRunId;
    return finish(result, {
      agent: report.agent,
      clock: envelope.clock,
      rest: restOf(envelope),
      nativeKey: runKey(result.identity.hostName ?? '', snapshotId, String(envelope.exitCode)),
      agentVersion: envelope.agentVersion,
    });
  },
};

function last(messages: readonly Fields[], type: string): Fields | undefined {
  return messages.findLast((message) => message.peek('message_type') === type);
}

function statusOfExit(code: number): Status {
  if (code === 0) return 'success';
  // The snapshot exists (T7).
  if (code === 3) return 'partial';
  return code === 130 ? 'cancelled' : 'failed';
}

function readStatus(
  messages: readonly Fields[],
  texts: readonly string[],
  result: JobResult,
  envelope: Envelope,
): void {
  const { outcome, counts } = result;
  const exitError = last(messages, 'exit_error');
  const exitCode = envelope.exitCode ?? exitError?.integer('code') ?? null;
  const fatal = exitError?.text('message') ?? texts.findLast((line) => line.startsWith('Fatal:')) ?? null;
  outcome.nativeCode = exitCode === null ? null : String(exitCode);
  outcome.message = fatal ?? result.issues[0]?.message ?? null;
  if (fatal !== null)
    result.issues.unshift(issue('ERROR', outcome.nativeCode && `exit-${outcome.nativeCode}`, fatal));
  if (exitCode !== null) outcome.status = statusOfExit(exitCode);
  else if (fatal !== null) outcome.status = 'failed';
  else if (last(messages, 'status') && !last(messages, 'summary')) readProgress(messages, result);
  const isStored = outcome.status === 'success' || outcome.status === 'partial';
  // A success that found nothing to store is none (N6).
  if (isStored && counts.filesExamined === 0 && hasMissingSource(result, texts)) outcome.status = 'failed';
}

function hasMissingSource({ issues }: JobResult, texts: readonly string[]): boolean {
  const missing = /does not exist|no such file|cannot find the (?:file|path)/i;
  return issues.some(({ message }) => missing.test(message)) || texts.some((line) => missing.test(line));
}

function readProgress(messages: readonly Fields[], result: JobResult): void {
  const status = messages.findLast((message) => message.has('percent_done'));
  const share = status?.peek('percent_done');
  result.outcome.phase = 'progress';
  result.outcome.status = 'running';
  result.progress = {
    percent: typeof share === 'number' && share >= 0 && share <= 1 ? Math.round(share * 10_000) / 100 : null,
    bytesDone: status?.count('bytes_done') ?? null,
    bytesTotal: status?.count('total_bytes') ?? null,
    itemsDone: status?.count('files_done') ?? null,
    itemsTotal: status?.count('total_files') ?? null,
    phaseText: null,
  };
}
