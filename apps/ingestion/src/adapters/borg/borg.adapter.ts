import { emptyJobResult, type JobResult } from '@backhaul/domain';
import type { AdaptedReport, AgentAdapter, NativeReport } from '../adapter.js';
import { kindOfCommand } from '../generic/command-kind.js';
import { type Envelope, openEnvelope, restOf, splitLines } from '../reports/envelope.js';
import { Fields } from '../reports/fields.js';
import { finish, setLog } from '../reports/finish.js';
import { objectIn } from '../reports/json.js';
import { runKey } from '../reports/run-key.js';
import { readArchive } from './archive.js';
import { readMessages } from './messages.js';
import { statusOf } from './status.js';

/** borg in the wrapper's envelope, or its bare output: the JSON of `create --json`, or lines of `--log-json`. */
export const borgAdapter: AgentAdapter = {
  agents: ['borg'],
  name: 'borg',
  version: '1',
  adapt(report: NativeReport): AdaptedReport {
    const result = emptyJobResult();
    const envelope = openEnvelope(report, result);
    const { document, messages, texts } = outputOf(envelope);
    if (document) readArchive(document, result, envelope);
    result.job.kind = kindOf(envelope, document);
    readMessages(messages, texts, result, envelope);
    result.outcome.status = statusOf(envelope.exitCode, messages, texts, result);
    if (result.outcome.status === 'running') result.outcome.phase = 'progress';
    setLog(result, [
      ...messages.map((line) => line.peekText('message')).filter((line) => line !== null),
      ...texts,
    ]);
    return finish(result, {
      agent: report.agent,
      clock: envelope.clock,
      rest: restOf(envelope),
      nativeKey: runKey(result.job.nativeRunId, String(envelope.exitCode)),
      agentVersion: envelope.agentVersion,
    });
  },
};

interface Output {
  document: Fields | null;
  messages: Fields[];
  texts: string[];
}

/** The document is printed over many lines, so it is looked for as a whole. */
function outputOf({ stdout, stderr }: Envelope): Output {
  const whole = objectIn(stdout.trim());
  const isDocument = whole !== null && !Object.hasOwn(whole, 'type');
  const [out, err] = [splitLines(isDocument ? '' : stdout), splitLines(stderr)];
  return {
    document: isDocument ? new Fields(whole) : null,
    messages: [...out.objects, ...err.objects],
    texts: [...out.texts, ...err.texts],
  };
}

function kindOf(envelope: Envelope, document: Fields | null): JobResult['job']['kind'] {
  if (envelope.command !== null) return kindOfCommand(envelope.command) ?? 'maintenance';
  return document === null || document.has('archive') ? 'backup' : 'maintenance';
}
