import { AGENTS, type Agent, EVENT_TYPES, type JobResult, SEVERITIES, severityOf } from '@backhaul/domain';
import type { ProblemError } from '@backhaul/http';
import { timeFlagOf } from '../intake/times.js';
import { InputReader } from './input-reader.js';
import { readJobResult } from './job-result-input.js';

/** A canonical event as a program sent it. */
export interface CanonicalInput {
  result: JobResult;
  agent: Agent;
  agentVersion: string | null;
  idempotencyKey: string | null;
  accountNo: number | null;
}

export type CheckedInput =
  | { input: CanonicalInput }
  | { errors: ProblemError[]; /** Right shape, refused by a rule. */ isRule: boolean };

const LONGEST_IDEMPOTENCY_KEY = 200;
const HEAD = ['specVersion', 'type', 'accountNo', 'idempotencyKey', 'source'];
const FROM_US = ['eventId', 'receivedAt', 'occurredAt', 'tenant', 'raw', 'flags', 'replays', 'actions'];

/** Checks one item of `POST /v1/events`. What is not known stays in `ext`, as on every agent endpoint. */
export function readCanonical(value: unknown, receivedAtMs: number): CheckedInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { errors: [{ pointer: '', detail: 'must be an object', rule: 'isObject' }], isRule: false };
  }
  const reader = new InputReader(value as Record<string, unknown>);
  const input = readHead(reader);
  if (reader.errors.length > 0) return { errors: reader.errors, isRule: false };
  const outOfRange = timesOutOfRange(input.result, receivedAtMs);
  return outOfRange.length > 0 ? { errors: outOfRange, isRule: true } : { input };
}

function readHead(reader: InputReader): CanonicalInput {
  const source = reader.child('source');
  const agent = source.oneOf('agent', AGENTS) ?? 'generic';
  const agentVersion = source.text('agentVersion');
  const result = readJobResult(reader);
  const type = reader.text('type');
  if (type !== null) {
    if ((EVENT_TYPES as readonly string[]).includes(type)) result.type = type as JobResult['type'];
    else reader.refuse('type', 'is not a type of event', 'isIn');
  }
  readOutcome(reader, result, agent);
  const version = reader.text('specVersion');
  if (version !== null && version !== '1') reader.refuse('specVersion', 'must be "1"', 'equals');
  const idempotencyKey = reader.text('idempotencyKey');
  if (idempotencyKey !== null && (idempotencyKey === '' || idempotencyKey.length > LONGEST_IDEMPOTENCY_KEY))
    reader.refuse('idempotencyKey', 'must be 1 to 200 characters', 'length');
  const accountNo = reader.whole('accountNo');
  const rest = reader.rest([...HEAD, ...FROM_US]);
  if (Object.keys(rest).length > 0) result.ext = { ...result.ext, [agent]: rest };
  return { result, agent, agentVersion, idempotencyKey, accountNo };
}

/** A job result says how it went; any other kind of event says how bad it is. */
function readOutcome(reader: InputReader, result: JobResult, agent: Agent): void {
  const outcome = reader.child('outcome');
  const status = outcome.raw('status');
  const severity = outcome.oneOf('severity', SEVERITIES);
  if (status === undefined || status === null) {
    if (result.type === null) outcome.refuse('status', 'is needed, or give a type of event', 'isDefined');
    else if (severity === null) outcome.refuse('severity', 'is needed for a type of event', 'isDefined');
  }
  result.outcome.severity = severity ?? severityOf(result.outcome.status, { agent });
}

/** N13: a program can be told; so it is. */
function timesOutOfRange({ timing }: JobResult, receivedAtMs: number): ProblemError[] {
  return (['startedAt', 'endedAt'] as const).flatMap((name) => {
    const at = timing[name];
    const flag = at === null ? null : timeFlagOf(Date.parse(at), receivedAtMs);
    return flag === null
      ? []
      : [{ pointer: `/timing/${name}`, detail: 'is more than 24 h ahead or 32 days ago', rule: flag }];
  });
}
