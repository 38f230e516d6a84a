import { Problem, problemOf, PROBLEM_MEDIA_TYPE } from '@backhaul/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OverloadedError } from '../intake/group-writer.js';

const LOG_EVERY_MS = 10_000;
const RETRY_AFTER_S = 5;

/** Keys that are wrong, unknown (their address is not there) or revoked, or that may not do this. */
const REFUSALS = new Set([401, 403, 404, 410]);

/** Answers problems to agents. Outages and refused keys are logged once in ten seconds, not once a report. */
export class AgentAnswers {
  private readonly outages: Tally;
  private readonly refusals: Tally;

  /** `onTurnedAway` is told of each time that something could not be taken, through no fault of its sender. */
  constructor(
    monotonicMs: () => number,
    readonly onTurnedAway: () => void = () => undefined,
  ) {
    this.outages = new Tally(monotonicMs);
    this.refusals = new Tally(monotonicMs);
  }

  readonly refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = problemFor(error);
    if (problem.status === 503) this.onTurnedAway();
    if (problem.status >= 500) this.logOutage(problem, request);
    else if (REFUSALS.has(problem.status)) this.logRefusal(problem, request);
    if (reply.sent || reply.raw.headersSent) return void reply.raw.destroy();
    // The route's pattern stands for the address, which holds the key.
    const body = { ...problem.body(), instance: request.routeOptions.url ?? '/', requestId: request.id };
    void reply
      .status(problem.status)
      .headers(problem.headers)
      .type(PROBLEM_MEDIA_TYPE)
      .send(JSON.stringify(body));
  };

  private logOutage(problem: Problem, request: FastifyRequest): void {
    const reports = this.outages.due();
    const fields = { err: problem.cause ?? problem, status: problem.status, reports };
    if (reports > 0) request.log.warn(fields, 'reports are refused for now');
  }

  private logRefusal({ status }: Problem, request: FastifyRequest): void {
    const reports = this.refusals.due();
    const fields = { status, route: request.routeOptions.url, ip: request.ip, reports };
    if (reports > 0) request.log.info(fields, 'keys of agents were refused');
  }
}

/** Counts what is too much to be logged one by one. */
class Tally {
  private lastAt = -Infinity;
  private count = 0;

  constructor(private readonly monotonicMs: () => number) {}

  /** How many came since the last time that somebody was told; 0 while that is too short ago. */
  due(): number {
    this.count += 1;
    const now = this.monotonicMs();
    if (now - this.lastAt < LOG_EVERY_MS) return 0;
    const told = this.count;
    this.lastAt = now;
    this.count = 0;
    return told;
  }
}

/** What a group of events met, as the one problem it is for its sender. */
export function problemFor(error: unknown): Problem {
  if (!(error instanceof OverloadedError)) return problemOf(error);
  return Problem.unavailable(RETRY_AFTER_S, 'Nothing can be stored right now; send it again.', error);
}
